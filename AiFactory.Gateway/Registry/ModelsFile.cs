using System.Globalization;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AiFactory.Gateway.Registry;

/// <summary>
/// Reads a <c>models.yaml</c>, alone or in the ConfigMap that it is a part of (S1, section 6):
/// <code>
/// - name: llm-gptq
///   service: llm-gptq-service.ai-models.svc.cluster.local
///   path: /infer
/// </code>
/// </summary>
internal static class ModelsFile
{
    private const int LargestBytes = 1 << 20;
    private const string FileName = "models.yaml";

    /// <exception cref="ModelsFileException">It is not there, cannot be read, or is no text.</exception>
    public static string Read(string path)
    {
        try
        {
            var bytes = File.ReadAllBytes(path);
            return bytes.Length > LargestBytes
                ? throw new ModelsFileException($"{path} has {bytes.Length} bytes, at most {LargestBytes} are taken.")
                : new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ModelsFileException($"{path} cannot be read: {error.Message}", error);
        }
    }

    /// <exception cref="ModelsFileException">An entry, or the whole, is malformed.</exception>
    public static IReadOnlyList<StaticModel> Parse(string path, string text) => ReadList(path, Load(path, text, lines: 0), lines: 0);

    /// <param name="lines">How many lines stand above the text in its file.</param>
    private static IReadOnlyList<StaticModel> ReadList(string path, YamlNode? root, int lines)
    {
        if (root is YamlMappingNode map && lines == 0)
        {
            return ReadConfigMap(path, map);
        }

        if (root is not YamlSequenceNode list)
        {
            throw Fault(path, root, lines, null, "the file is a list of entries '- name: ...', or a ConfigMap with such a list under data, models.yaml");
        }

        var models = new Dictionary<string, (StaticModel Model, long Line)>(StringComparer.Ordinal);
        foreach (var node in list)
        {
            var model = ModelsFileEntry.Read(node, (at, field, complaint) => Fault(path, at, lines, field, complaint));
            var line = node.Start.Line + lines;
            if (!models.TryAdd(model.Name, (model, line)))
            {
                throw Fault(path, node, lines, "name", $"'{model.Name}' is the name of the entry in line {models[model.Name].Line} already");
            }
        }

        return [.. models.Values.Select(entry => entry.Model)];
    }

    private static IReadOnlyList<StaticModel> ReadConfigMap(string path, YamlMappingNode map)
    {
        if (Member(map, "kind") is not YamlScalarNode { Value: "ConfigMap" })
        {
            throw Fault(path, map, 0, "kind", "an object is a ConfigMap");
        }

        if (Member(map, "data") is not YamlMappingNode data || Member(data, FileName) is not YamlScalarNode { Value: { } text } inner)
        {
            throw Fault(path, Member(map, "data") ?? map, 0, $"data.{FileName}", "it is missing");
        }

        // A literal block ('|') begins in the line behind its mark.
        var lines = (int)inner.Start.Line - (inner.Style is ScalarStyle.Literal or ScalarStyle.Folded ? 0 : 1);
        return ReadList(path, Load(path, text, lines), lines);
    }

    private static YamlNode? Load(string path, string text, int lines)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents.Count switch
            {
                0 => null,
                1 => yaml.Documents[0].RootNode,
                _ => throw Fault(path, yaml.Documents[1].RootNode, lines, null, "one document is read, and another begins here"),
            };
        }
        catch (YamlException fault)
        {
            throw new ModelsFileException(string.Create(CultureInfo.InvariantCulture, $"{path}, line {fault.Start.Line + lines}: it is no YAML: {fault.InnerException?.Message ?? fault.Message}"), fault);
        }
    }

    private static YamlNode? Member(YamlMappingNode map, string name) => map.Children.TryGetValue(new YamlScalarNode(name), out var value) ? value : null;

    private static ModelsFileException Fault(string path, YamlNode? at, int lines, string? field, string complaint) => new(string.Create(
        CultureInfo.InvariantCulture, $"{path}, line {(at?.Start.Line ?? 1) + lines}{(field is null ? "" : $", field '{field}'")}: {complaint}."));
}
