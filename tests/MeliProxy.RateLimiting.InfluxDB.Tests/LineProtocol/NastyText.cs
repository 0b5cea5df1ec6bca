namespace MeliProxy.RateLimiting.InfluxDB.Tests.LineProtocol;

/// <summary>A text that is hard to write, and what each place of a point gives back for it.</summary>
internal sealed record NastyText(string Given, string Tag, string FieldKey, string Measurement)
{
    public static readonly IReadOnlyList<NastyText> All =
    [
        Kept(" "), Kept("  two  spaces  "), Kept(","), Kept("a,b,,c"), Kept("="), Kept("a=b==c"), Kept("a, b=c "),
        Kept("\""), Kept("\"quoted\""), Kept("a\"b=\"c"), Kept("'"),
        Kept("\\a"), Kept("a\\b\\\\c\\\\\\d"), Kept("\\n"), Kept("C:\\new\\table"),
        Changed("\\", "＼"), Changed("a\\", "a＼"), Changed("a\\\\", "a\\＼"), Changed("a\\\\\\", "a\\\\＼"),
        Changed("a\\,b", "a＼,b"), Changed("a\\ b", "a＼ b"), Changed("a\\=b", "a＼=b"), Changed("a\\\\ b\\=c", "a\\＼ b＼=c"),
        new("a\\\"b", Tag: "a\\\"b", FieldKey: "a＼\"b", Measurement: "a＼\"b"),
        Changed("a\nb", "a\\nb"), Changed("a\rb", "a\\rb"), Changed("a\tb", "a\\tb"), Changed("a\0b", "a\\0b"),
        Changed("\n", "\\n"), Changed("\r\n", "\\r\\n"), Changed("\t", "\\t"), Changed("\0", "\\0"), Changed("a\\\n", "a\\\\n"),
        new("#", Tag: "#", FieldKey: "#", Measurement: "＃"),
        new("# comment", Tag: "# comment", FieldKey: "# comment", Measurement: "＃ comment"),
        Kept("a#"), Kept("\u001b[31m"), Kept("\u007f"), Kept("\u0085"), Kept("\u2028"),
        new("time", Tag: "time", FieldKey: "time_", Measurement: "time"),
        Kept("Time"), Kept("times"), Kept("name"), Kept("_x"),
        Kept("é"), Kept("分类"), Kept("😀"), Kept("e\u0301"), Kept("\uFEFF"), Kept("＼"),
        Changed("a\ud83d", "a\ufffd"), Changed("\ude00b", "\ufffdb"), Changed("\ud83d\\", "\ufffd＼"),
        Changed("\ud83d,\ude00", "\ufffd,\ufffd"), Changed("\ude00\ud83d", "\ufffd\ufffd"),
        Kept("1"), Kept("1i"), Kept("true"), Kept("a value=1i 1"),
        Kept(new string('x', 5000)), Kept(string.Concat(Enumerable.Repeat(", =é", 1000))),
    ];

    /// <summary>What a key of a tag becomes: as a value, but for the reserved name.</summary>
    public string TagKey => Given == "time" ? "time_" : Tag;

    /// <summary>What the value of a string field becomes: itself, as far as it is Unicode.</summary>
    public string FieldValue => WellFormed(Given);

    public static string WellFormed(string text) => string.Concat(text.EnumerateRunes());

    private static NastyText Kept(string text) => Changed(text, text);

    private static NastyText Changed(string given, string stored) => new(given, stored, stored, stored);
}
