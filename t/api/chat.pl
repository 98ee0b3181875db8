# chat.pl: two people chat, as the app does, and a second phone of one of them.  Used by message.bats.
#
#   chat.pl BASE SEED OFFSET TOKEN-A ID-A TOKEN-B ID-B TOKEN-B2
#
# The app shows a list.  It asks for the whole conversation once, then polls with the time of the last
# entry of its list: what it received has our time, what it has sent itself the time of the phone,
# which is OFFSET ms ahead of ours.  A and B write, B and B2 (another login of B's) poll, in an order
# that SEED decides; now and then an app is started anew.  Fails unless each of B's phones has got
# each of A's messages, once, in order.
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;
use Time::HiRes 'time';

my ($base, $seed, $offset, $token_a, $a, $token_b, $b, $token_b2) = @ARGV;
my $http = HTTP::Tiny->new(timeout => 30);
my (@sent, $bad);
srand $seed;

sub ask {
	my ($method, $path, %parameters) = @_;
	my $query = $http->www_form_urlencode(\%parameters);
	my $reply = $http->request($method, "$base/douyin/$path/?$query");
	my $json = eval { decode_json($reply->{content}) } or die "$path: $reply->{status} $reply->{content}\n";
	die "$path: $reply->{content}\n" if $json->{status_code} != 0;
	return $json;
}

sub say_to {
	my ($token, $to, $text) = @_;
	ask('POST', 'message/action', token => $token, to_user_id => $to, action_type => 1, content => $text);
}

sub phone { { token => $_[0], ahead => $_[1], list => [], got => [] } }

# What A wrote so far is all there: whoever starts anew sees the whole.
sub start {
	my ($phone) = @_;
	my $all = ask('GET', 'message/chat', token => $phone->{token}, to_user_id => $a, pre_msg_time => 0);
	$phone->{list} = [map { $_->{create_time} } @{$all->{message_list}}];
	$phone->{got} = [map { $_->{content} } grep { $_->{from_user_id} == $a } @{$all->{message_list}}];
}

sub poll {
	my ($phone) = @_;
	my $since = @{$phone->{list}} ? $phone->{list}[-1] : 0;
	return start($phone) if $since == 0;
	my $new = ask('GET', 'message/chat', token => $phone->{token}, to_user_id => $a, pre_msg_time => $since);
	push @{$phone->{list}}, map { $_->{create_time} } @{$new->{message_list}};
	push @{$phone->{got}}, map { $_->{content} } @{$new->{message_list}};
}

sub write_on {
	my ($phone, $text) = @_;
	my $time = int(time * 1000) + $phone->{ahead};
	say_to($phone->{token}, $a, $text);
	push @{$phone->{list}}, $time;
}

sub judge {
	my ($name, $phone) = @_;
	return if "@{$phone->{got}}" eq "@sent";
	$bad = 1;
	my %count;
	$count{$_}++ for @{$phone->{got}};
	my @lost = grep { !$count{$_} } @sent;
	my @twice = grep { $count{$_} > 1 } sort keys %count;
	print "$name, $offset ms ahead: lost @lost; more than once @twice; got @{$phone->{got}}\n";
}

# The second one is behind where the first is ahead; by more than the chat takes, for the time of a phone
# that is a little behind may be that of a message which it has got before, and then it gets again what
# followed.
my @phones = (phone($token_b, $offset), phone($token_b2, $offset > 0 ? -60000 : -int($offset / 2)));
my %do = (
	hear => sub { push @sent, 'a' . @sent; say_to($token_a, $b, $sent[-1]) },
	answer => sub { write_on($phones[rand @phones], 'b' . int rand 1000) },
	poll => sub { poll($phones[rand @phones]) },
	restart => sub { start($phones[rand @phones]) },
);
start($_) for @phones;
my @often = (('hear') x 5, ('answer') x 5, ('poll') x 6, 'restart');
$do{$often[rand @often]}->() for 1 .. 120;
$do{$_}->() for qw(hear answer hear answer);
poll($_), poll($_), poll($_) for @phones;
judge('first phone', $phones[0]);
judge('second phone', $phones[1]);
print scalar(@sent), " messages\n";
exit($bad || @sent < 20);
