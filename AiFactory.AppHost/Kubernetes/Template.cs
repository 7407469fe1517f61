using System.Text.RegularExpressions;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>A file of <c>Templates/</c>, with places such as <c>&lt;&lt;name&gt;&gt;</c> that the model fills; Helm fills the rest.</summary>
internal static partial class Template
{
    public static string Fill(string file, params IEnumerable<(string Name, string Value)> places)
    {
        var values = places.ToDictionary(place => place.Name, place => place.Value, StringComparer.Ordinal);
        return Place().Replace(Read(file), match => values.TryGetValue(match.Groups["name"].Value, out var value)
            ? value
            : throw new InvalidOperationException($"The template '{file}' has a place '{match.Groups["name"].Value}' that nobody fills."));
    }

    private static string Read(string file)
    {
        using var stream = typeof(Template).Assembly.GetManifestResourceStream($"Templates/{file}")
            ?? throw new InvalidOperationException($"There is no template '{file}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("<<(?<name>[A-Za-z0-9]+)>>")]
    private static partial Regex Place();
}
