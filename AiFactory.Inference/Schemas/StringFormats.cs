namespace AiFactory.Inference.Schemas;

/// <summary>
/// The formats of JSON schema (https://json-schema.org/draft/2020-12/json-schema-validation, section 7.3) that texts are held to, as patterns for all of the text.
/// Each of them allows what the format does or, where that is much, a part that is plain: no leap seconds, no quoted names in addresses.
/// </summary>
internal static class StringFormats
{
    private const string LeapYear = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
    private const string Date = $"(?:\\d{{4}}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|{LeapYear}-02-29)";
    private const string Time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
    private const string Byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private const string Label = "[a-z0-9](?:[a-z0-9-]{0,20}[a-z0-9])?";
    private const string Host = $"{Label}(?:\\.{Label}){{1,4}}";
    private const string Uri = $"https?://{Host}(?::[1-9]\\d{{0,3}})?(?:/[A-Za-z0-9._~-]{{0,60}}){{0,8}}(?:\\?[A-Za-z0-9._~=&-]{{0,120}})?";

    private static readonly Dictionary<string, string> Patterns = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = $"{Date}T{Time}",
        ["duration"] = "P(?:\\d{1,4}W|\\d{1,4}D(?:T\\d{1,4}H)?|T\\d{1,4}[HMS]|T\\d{1,4}H\\d{1,2}M(?:\\d{1,2}S)?|T\\d{1,4}M\\d{1,2}S)",
        ["uuid"] = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        ["email"] = $"[A-Za-z0-9_%+-]{{1,30}}(?:\\.[A-Za-z0-9_%+-]{{1,20}}){{0,2}}@{Host}",
        ["hostname"] = Host,
        ["ipv4"] = $"{Byte}(?:\\.{Byte}){{3}}",
        ["ipv6"] = "[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){7}",
        ["uri"] = Uri,
    };

    public static IEnumerable<string> Names => Patterns.Keys;

    public static string? Find(string format) => Patterns.GetValueOrDefault(format);
}
