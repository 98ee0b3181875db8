# patch.pl: writes what no encoder does.  Used by fixtures; reads a good file from its input.
#
#   dref PORT, dref-url PORT   a MOV (its moov last) whose samples lie in /etc/passwd, or at PORT
#   jpeg-size N, png-size N    a picture within that is N x N pixels large, it says
#   track-size N               a MOV whose sample description says so
#   duration MS                a Matroska file that lasts so long, it says
#   corrupt N PREFIX           N damaged copies, PREFIX001.mp4 ..., the same each time
use strict;
use warnings;

binmode STDIN;
binmode STDOUT;
my ($what, $value, $prefix) = @ARGV;
my $file = do { local $/; <STDIN> };

# An alias record that names /etc/passwd, laid out as ffmpeg's mov demuxer reads it.
sub alias {
    my $path = shift;
    my $data = pack('x10') . pack('C a27', 4, 'disk') . pack('x12') .
        pack('C a63', 6, 'passwd') . pack('x16') . pack('n n', 1, 1) . pack('x16') .
        pack('n n', 2, length $path) . $path . pack('n n', 0xffff, 0);
    return pack('N a4 N', 12 + length $data, 'alis', 0) . $data;
}

# Replaces each dref below the boxes that lead to it; their sizes follow.
sub redirect {
    my ($data, $entry) = @_;
    my ($out, $at) = ('', 0);
    while ($at + 8 <= length $data) {
        my ($size, $type) = unpack 'N a4', substr $data, $at, 8;
        last if $size < 8;
        my $body = substr $data, $at + 8, $size - 8;
        $body = redirect($body, $entry) if $type =~ /^(moov|trak|mdia|minf|dinf)$/;
        $body = pack('N N', 0, 1) . $entry if $type eq 'dref';
        $out .= pack('N a4', 8 + length $body, $type) . $body;
        $at += $size;
    }
    return $out;
}

sub crc32 {
    my $crc = 0xffffffff;
    for my $byte (unpack 'C*', shift) {
        $crc ^= $byte;
        $crc = $crc & 1 ? ($crc >> 1) ^ 0xedb88320 : $crc >> 1 for 1 .. 8;
    }
    return $crc ^ 0xffffffff;
}

sub damage {
    my $copy = $file;
    my $kind = int rand 4;
    if ($kind == 0) {    # some bytes anywhere
        substr($copy, int rand length $copy, 1) = chr int rand 256 for 1 .. 1 + int rand 40;
    } elsif ($kind == 1) {    # some in the headers
        substr($copy, int rand 3000, 1) = chr int rand 256 for 1 .. 1 + int rand 6;
    } elsif ($kind == 2) {    # a hole
        my $at = int rand length $copy;
        my $n = 1 + int rand 2000;
        $n = length($copy) - $at if $n > length($copy) - $at;
        substr($copy, $at, $n) = "\0" x $n;
    } else {                  # a piece is missing, or the end
        substr($copy, int rand length $copy, 1 + int rand 4000) = '';
    }
    return $copy;
}

if ($what eq 'dref') {
    print redirect($file, alias("/etc/passwd\0"));
} elsif ($what eq 'dref-url') {
    my $url = "http://127.0.0.1:$value/dref\0";
    print redirect($file, pack('N a4 N', 12 + length $url, 'url ', 0) . $url);
} elsif ($what eq 'jpeg-size') {
    $file =~ s/(\xff\xc0\x00\x11\x08)..../$1 . pack('n n', $value, $value)/es or die;
    print $file;
} elsif ($what eq 'png-size') {
    my $head = 'IHDR' . pack('N N', $value, $value);
    $file =~ s/IHDR.{8}(.{5})..../$head . $1 . pack('N', crc32($head . $1))/es or die;
    print $file;
} elsif ($what eq 'track-size') {
    # The sample description: its size, type, 24 bytes, then width and height in 16 bits each.
    $file =~ s/((?:jpeg|png ).{24})..../$1 . pack('n n', $value, $value)/es or die;
    print $file;
} elsif ($what eq 'duration') {
    $file =~ s/\x44\x89\x88.{8}/"\x44\x89\x88" . pack('d>', $value)/es or die;
    print $file;
} elsif ($what eq 'corrupt') {
    srand 20240;
    for my $i (1 .. $value) {
        my $copy = damage();
        # What the first look at an upload refuses is not the point.
        substr($copy, 4, 4) = 'ftyp';
        open my $out, '>:raw', sprintf('%s%03d.mp4', $prefix, $i) or die;
        print $out $copy;
        close $out or die;
    }
} else {
    die "what?\n";
}
