using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aspire.Hosting.Kubernetes.Resources;

namespace AiFactory.Hosting.Kubernetes;

/// <summary>
/// Writes an object tree as YAML, the same bytes each time. What is null or empty is left out. Every text is quoted, so that none is read as something else:
/// <code>
/// metadata:
///   name: "gateway"
///   labels:
///     app.kubernetes.io/instance: "{{ .Release.Name }}"
/// spec:
///   replicas: 2
/// </code>
/// A text that ends in a conversion, <c>{{ .Values.port | int }}</c>, is no text: it stands bare.
/// </summary>
internal sealed partial class YamlWriter
{
    private readonly StringBuilder _text = new();

    public static string Write(object root)
    {
        var writer = new YamlWriter();
        foreach (var (name, value) in Fields(root))
        {
            writer.Field(name, value, 0);
        }

        return writer._text.ToString();
    }

    private void Field(string name, object value, int indent)
    {
        _text.Append(' ', indent).Append(Key(name)).Append(':');
        if (Scalar(value) is { } scalar)
        {
            _text.Append(' ').Append(scalar).Append('\n');
            return;
        }

        _text.Append('\n');
        if (value is IEnumerable list and not IDictionary)
        {
            foreach (var item in list)
            {
                Item(item, indent + 2);
            }

            return;
        }

        foreach (var (key, inner) in Fields(value))
        {
            Field(key, inner, indent + 2);
        }
    }

    private void Item(object item, int indent)
    {
        if (Scalar(item) is { } scalar)
        {
            _text.Append(' ', indent).Append("- ").Append(scalar).Append('\n');
            return;
        }

        // The first field stands behind the dash: the dash takes the place of its indentation.
        var start = _text.Length;
        foreach (var (key, inner) in Fields(item))
        {
            Field(key, inner, indent + 2);
        }

        _text[start + indent] = '-';
    }

    private static IEnumerable<(string Name, object Value)> Fields(object value)
    {
        if (value is IDictionary dictionary)
        {
            return dictionary.Keys.Cast<string>()
                .Select(key => (Name: key, Value: dictionary[key]))
                .Where(entry => IsThere(entry.Value))
                .Select(entry => (entry.Name, Value: entry.Value!)) // IsThere is false for null
                .OrderBy(entry => entry.Name, StringComparer.Ordinal);
        }

        return Properties(value.GetType())
            .Select(field => (field.Name, Value: field.Property.GetValue(value)))
            .Where(field => IsThere(field.Value))
            .Select(field => (field.Name, field.Value!)); // IsThere is false for null
    }

    // A base class's fields come first: apiVersion, kind, metadata.
    private static IEnumerable<(string Name, PropertyInfo Property)> Properties(Type type)
    {
        var own = type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .OrderBy(property => property.MetadataToken)
            .Select(property => (Attribute: property.GetCustomAttribute<YamlNameAttribute>(), Property: property))
            .Where(field => field.Attribute is not { Name: null })
            .Select(field => (field.Attribute?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(field.Property.Name), field.Property));
        return type.BaseType is { } parent && parent != typeof(object) ? Properties(parent).Concat(own) : own;
    }

    private static bool IsThere(object? value) => value switch
    {
        null => false,
        string or Int32OrStringV1 or ValueType => true,
        IDictionary map => map.Values.Cast<object?>().Any(IsThere),
        IEnumerable several => several.Cast<object?>().Any(IsThere),
        _ => Fields(value).Any(),
    };

    private static string? Scalar(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        Int32OrStringV1 { Number: { } number } => number.ToString(CultureInfo.InvariantCulture),
        Int32OrStringV1 either => Text(either.Text ?? ""),
        string text => Text(text),
        int or long or double => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Text(string text) => Conversion().IsMatch(text) ? text : Quoted(text);

    private static string Key(string name) => PlainKey().IsMatch(name) ? name : Quoted(name);

    private static string Quoted(string text)
    {
        // Quotes inside an expression are for Helm, which reads the file before YAML does; single quotes leave them alone.
        if (text.Contains('"', StringComparison.Ordinal) && text.Contains("{{", StringComparison.Ordinal) && !text.Contains('\n', StringComparison.Ordinal))
        {
            return $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        }

        var quoted = new StringBuilder("\"");
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    [GeneratedRegex(@"^\{\{[^{}]*\|\s*(int|int64|float64)\s*\}\}$")]
    private static partial Regex Conversion();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_./-]*$")]
    private static partial Regex PlainKey();
}
