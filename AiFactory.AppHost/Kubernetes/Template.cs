using System.Text.RegularExpressions;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>A file of <c>Templates/</c>, with places such as <c>&lt;&lt;name&gt;&gt;</c> that the model fills; Helm fills the rest.</summary>
internal static partial class Template
{
    public static string Fill(string file, params IEnumerable<(string Name, string Value)> places)
    {
        var values = places.ToDictionary(place => place.Name, place => place.Value, StringComparer.Ordinal);
        return Place().Replace(Resource($"Templates/{file}"), match => values.TryGetValue(match.Groups["name"].Value, out var value)
            ? value
            : throw new InvalidOperationException($"The template '{file}' has a place '{match.Groups["name"].Value}' that nobody fills."));
    }

    /// <summary>The files of a folder as they are, by name: <c>Crds</c>, which Helm does not read as templates either.</summary>
    public static IEnumerable<(string Name, string Text)> Verbatim(string folder) => typeof(Template).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal))
        .Select(name => (name[(folder.Length + 1)..], Resource(name)));

    private static string Resource(string name)
    {
        using var stream = typeof(Template).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"There is no '{name}'.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("<<(?<name>[A-Za-z0-9]+)>>")]
    private static partial Regex Place();
}
