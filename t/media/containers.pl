# containers.pl: hostile files in containers other than MP4 and Matroska.  Used by fixtures.
#
#   heads TEXT-FILE...      each text behind a head of each container: HEAD-TEXT-FILE
#   gab2 PORT <AVI          an AVI whose subtitle is a playlist that names PORT and /etc/passwd
#   script PORT <ASF        an ASF with commands that open a URL at PORT
#   programs                a transport stream of 40 programmes of 40 tracks, and packets of any PID
#   flv <FLV                tags that claim 16 MB, a length and a size that are enormous
#   pages <OGG              pages that claim all they can, and a time in the far future
#   gif SIZE <GIF           a screen and a picture that are SIZE x SIZE, they say
#   avi-size SIZE <AVI      a picture that is SIZE x SIZE, its track says
#   damage N PREFIX SUFFIX <FILE    N damaged copies whose first 1024 bytes are whole
#
# The same each time.
use strict;
use warnings;

binmode STDIN;
binmode STDOUT;
my ($what, @args) = @ARGV;
srand 20261;

sub slurp {
    local $/;
    my $from = shift // \*STDIN;
    return scalar <$from>;
}

sub spit {
    my ($name, $data) = @_;
    open my $out, '>:raw', $name or die "$name: $!";
    print $out $data;
    close $out or die;
}

# Packets of a transport stream: $bytes from $pid on, or whatever is at hand.
sub packet {
    my ($pid, $start, $payload) = @_;
    return pack('C n C', 0x47, ($start ? 0x4000 : 0) | $pid, 0x10) . substr($payload . "\xff" x 184, 0, 184);
}

# A table with its checksum.  Polynomial 0x04c11db7, the highest bit first; Ogg's begins with 0.
sub crc {
    my ($crc, $data) = @_;
    for my $byte (unpack 'C*', $data) {
        $crc ^= $byte << 24;
        $crc = ($crc << 1 ^ ($crc & 0x80000000 ? 0x04c11db7 : 0)) & 0xffffffff for 1 .. 8;
    }
    return $crc;
}

# A table, in as many packets as it takes.
sub table {
    my ($pid, $id, $number, $body) = @_;
    my $section = pack('C n n C C C', $id, 0xb000 | length($body) + 9, $number, 0xc1, 0, 0) . $body;
    my $all = "\0" . $section . pack('N', crc(0xffffffff, $section));
    my $out = packet($pid, 1, substr $all, 0, 184, '');
    $out .= packet($pid, 0, substr $all, 0, 184, '') while length $all;
    return $out;
}

sub programs {
    my $out = table(0, 0, 1, join '', map { pack 'n n', $_, 0xe000 | 0x100 + $_ } 1 .. 40);
    for my $n (1 .. 40) {
        my $tracks = join '', map { pack 'C n n', 0x1b, 0xe000 | ($n * 100 + $_ & 0x1fff), 0xf000 } 1 .. 40;
        $out .= table(0x100 + $n, 2, $n, pack('n n', 0xffff, 0xf000) . $tracks);
    }
    for (1 .. 3000) {
        $out .= packet(int rand 0x2000, rand > 0.5, "\0\0\1\xe0" . join '', map { chr int rand 256 } 1 .. 180);
    }
    return $out;
}

# What a container's file begins with; behind it comes what is none of it.
sub heads {
    my $asf = pack 'H*', '3026b2758e66cf11a6d900aa0062ce6c';
    my %heads = (
        ts   => packet(0, 1, "\0") x 8,
        m2ts => join('', map { "\0\0\0$_" . packet(0, 1, "\0") } 1 .. 8),
        mpg  => "\0\0\1\xba" . pack('H*', '44000400040189c3f8'),
        avi  => "RIFF\xff\xff\0\0AVI LIST",
        flv  => "FLV\1\5\0\0\0\x09\0\0\0\0",
        wmv  => $asf . pack('V V V C C', 5000, 0, 6, 1, 2),
        ogg  => "OggS\0\2" . "\0" x 20 . "\1\xff",
        gif  => "GIF89a\1\0\1\0\0\0\0!\xfe\xff",
    );
    for my $text (@_) {
        open my $in, '<:raw', $text or die "$text: $!";
        my $data = slurp($in);
        spit("$_-$text", $heads{$_} . $data) for keys %heads;
    }
}

sub chunk {
    my ($name, $data) = @_;
    return $name . pack('V', length $data) . $data . (length($data) % 2 ? "\0" : '');
}

# A track of subtitles more, with a file in its first chunk.
sub gab2 {
    my ($file, $port) = @_;
    my $playlist = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:5.0,\nhttp://127.0.0.1:$port/gab2\n"
        . "#EXTINF:5.0,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    my $strh = 'txts' . "\0" x 16 . pack('V V V V', 1, 1, 0, 1) . "\0" x 20;
    my $track = chunk('LIST', 'strl' . chunk('strh', $strh) . chunk('strf', ''));
    my $name = "s\0.\0";
    my $text = "GAB2\0" . pack('v V', 2, length $name) . $name . pack('v V', 4, length $playlist) . $playlist;
    my $n = unpack 'V', substr $file, 16, 4;    # of hdrl
    substr($file, 20 + $n, 0) = $track;
    substr($file, 16, 4) = pack 'V', $n + length $track;
    my $movi = index $file, 'movi';
    my $first = chunk('02tx', $text);
    substr($file, $movi + 4, 0) = $first;
    substr($file, $movi - 4, 4) = pack 'V', length($first) + unpack 'V', substr $file, $movi - 4, 4;
    substr($file, 4, 4) = pack 'V', length($file) - 8;
    $file =~ s/idx1/JUNK/;
    return $file;
}

sub wide { return join '', map { "$_\0" } split //, shift }

# Commands at the beginning: Windows Media Player opened such a URL.
sub script {
    my ($file, $port) = @_;
    my $url = "http://127.0.0.1:$port/script\0";
    my $body = "\0" x 16 . pack('v v', 1, 1) . pack('v', 3) . wide('URL') . pack('V v v', 0, 0, length $url) . wide($url);
    my $object = pack('H*', '301afb1e620bd011a39b00a0c90348f6') . pack('V V', 24 + length $body, 0) . $body;
    my ($size, undef, $count) = unpack 'V V V', substr $file, 16, 12;
    substr($file, 30, 0) = $object;
    substr($file, 16, 12) = pack 'V V V', $size + length $object, 0, $count + 1;
    return $file;
}

sub flv {
    my $file = shift;
    for my $pair ([ duration => 1e15 ], [ width => 30000 ], [ height => 30000 ], [ framerate => 1e9 ]) {
        $file =~ s/($pair->[0]\0).{8}/$1 . pack 'd>', $pair->[1]/es;
    }
    # The tags in the second half say that they are as large as a tag can be.
    my ($at, $n) = (13, 0);
    while ($at + 11 < length $file) {
        my $size = unpack 'N', "\0" . substr $file, $at + 1, 3;
        substr($file, $at + 1, 3) = "\xff\xff\xff" if ++$n > 30 && $n % 5 == 0;
        $at += 15 + $size;
    }
    return $file;
}

sub pages {
    my ($out, $n) = ('', 0);
    for my $page (split /(?=OggS\0)/, shift) {
        if (++$n > 6) {
            substr($page, 6, 8) = "\xff" x 7 . "\x7f";
            substr($page, 26, 1) = "\xff";
            $page .= "\xff" x 255 . 'x' x 65025 if $n % 2;
            substr($page, 22, 4) = "\0\0\0\0";
            substr($page, 22, 4) = pack 'V', crc(0, substr $page, 0, 27 + 255 + 65025);
        }
        $out .= $page;
    }
    return $out;
}

sub gif {
    my ($file, $size) = @_;
    substr($file, 6, 4) = pack 'v v', $size, $size;
    my $at = 13 + (3 << 1 + (7 & unpack 'C', substr $file, 10, 1));
    my $picture = index $file, ',', $at;
    substr($file, $picture + 5, 4) = pack 'v v', $size, $size;
    return $file;
}

sub avi_size {
    my ($file, $size) = @_;
    my $strf = index $file, 'strf';
    substr($file, $strf + 12, 8) = pack 'V V', $size, $size;
    return $file;
}

# What the first look at an upload refuses is not the point: its first bytes stay.
sub damage {
    my ($file, $n, $prefix, $suffix) = @_;
    my $length = length($file) - 1024;
    for my $i (1 .. $n) {
        my $copy = $file;
        if ($i % 3 == 0) {
            substr($copy, 1024 + int rand $length, 1) = chr int rand 256 for 1 .. 1 + int rand 60;
        } elsif ($i % 3 == 1) {
            substr($copy, 1024 + int rand $length, 1 + int rand 3000) = '';
        } else {
            $copy = substr $copy, 0, 1024 + int rand $length;
        }
        spit(sprintf('%s%02d.%s', $prefix, $i, $suffix), $copy);
    }
}

my %does = (
    heads      => sub { heads(@args) },
    gab2       => sub { print gab2(slurp(), @args) },
    script     => sub { print script(slurp(), @args) },
    programs   => sub { print programs() },
    flv        => sub { print flv(slurp()) },
    pages      => sub { print pages(slurp()) },
    gif        => sub { print gif(slurp(), @args) },
    'avi-size' => sub { print avi_size(slurp(), @args) },
    damage     => sub { damage(slurp(), @args) },
);
($does{$what} // die "what?\n")->();
