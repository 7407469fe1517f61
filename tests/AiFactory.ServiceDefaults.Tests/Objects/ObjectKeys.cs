namespace AiFactory.ServiceDefaults.Tests.Objects;

public static class ObjectKeys
{
    public static TheoryData<string> Refused =>
    [
        "",
        ".",
        "..",
        "../x",
        "a/../../x",
        "a/..",
        "./a",
        "a/./b",
        "/etc/passwd",
        "//a",
        "a//b",
        "a/",
        "a\\..\\b",
        "a\0b",
        "a\nb",
        ".aifactory/tmp/x",
        "a/.aifactory",
        ".AIFACTORY-locks",
        new string('k', 201),
        new string('é', 101),
        string.Join('/', Enumerable.Repeat(new string('k', 100), 11)),
    ];
}
