# chart.awk: makes an SVG bar chart of lines "name TAB ratio to an empty reply".
BEGIN { FS = "\t"; row = 30; left = 170; unit = 300; head = 40 }
{ name[NR] = $1; ratio[NR] = $2; if ($2 > most) most = $2 }
END {
	if (most < 1) most = 1
	if (most > 2.5) most = 2.5
	width = left + most * unit + 70
	height = head + NR * row + 20
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n", width, height
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", width, height
	printf "<text x=\"12\" y=\"22\" font-weight=\"bold\">Requests a second, as a part of an empty FastCGI reply of the same size</text>\n"
	for (i = 1; i <= NR; i++) {
		y = head + (i - 1) * row
		long = (ratio[i] > most ? most : ratio[i]) * unit
		printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", left - 8, y + 17, name[i]
		printf "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"20\" fill=\"#e8505b\"/>", left, y + 3, long
		printf "<text x=\"%.1f\" y=\"%d\">%.2f</text>\n", left + long + 6, y + 17, ratio[i]
	}
	printf "<line x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\" stroke=\"#999\" stroke-dasharray=\"3\"/>\n", left + unit, left + unit, head, height - 16
	print "</svg>"
}
