using System.Text;
using System.Text.Json;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tools.Http;
using AiFactory.ServiceDefaults.Outbound;

namespace AiFactory.Builder.Tools;

/// <summary>Turns a model's arguments into the HTTP call that a tool's author described.</summary>
internal static class ToolHttpCall
{
    /// <summary>Where every call of the tool goes; its host is fixed.</summary>
    internal static Uri Place(ToolRow tool) => new(ToolUrl.Fill(tool.Url, _ => "x", _ => "x"));

    /// <exception cref="OutboundException">An argument cannot stand where it belongs, or a secret is not for this call.</exception>
    internal static OutboundRequest Create(ToolRow tool, JsonElement arguments, string? idempotencyKey, SecretCall secrets)
    {
        // 1. The places of the address.
        var places = ToolUrl.Places(tool.Url);
        var url = ToolUrl.Fill(tool.Url, name => PlaceText(arguments, name), secrets.Value);

        // 2. What is left: into the query, or into the body.
        var rest = arguments.EnumerateObject().Where(argument => !places.Contains(argument.Name) && argument.Value.ValueKind != JsonValueKind.Null).ToArray();
        var takesBody = tool.Method is "POST" or "PUT" or "PATCH";
        if (!takesBody && rest.Length > 0)
        {
            url = WithQuery(url, string.Join('&', rest.Select(argument => $"{Uri.EscapeDataString(argument.Name)}={Uri.EscapeDataString(Text(argument.Value))}")));
        }

        // 3. The author's headers, and a key by which a server knows a repetition.
        var headers = ToolService.HeadersOf(tool);
        if (idempotencyKey is not null)
        {
            headers.TryAdd("Idempotency-Key", idempotencyKey);
        }

        return new OutboundRequest(HttpMethod.Parse(tool.Method), new Uri(url), TimeSpan.FromSeconds(tool.TimeoutSeconds))
        {
            StaysAtOrigin = secrets.IsUsed,
            Headers = secrets.Fill(headers),
            Body = takesBody ? Body(rest) : null,
        };
    }

    private static string PlaceText(JsonElement arguments, string name)
    {
        if (!arguments.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            throw new OutboundException($"The argument '{name}' is missing.", isTransient: false);
        }

        // "." and ".." are not escaped by any rule, and would climb in the path.
        var text = Text(value);
        return text is "" or "." or ".." ? throw new OutboundException($"The argument '{name}' must not be '{text}'.", isTransient: false) : text;
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();

    private static string WithQuery(string url, string query)
    {
        var fragment = url.IndexOf('#', StringComparison.Ordinal);
        var plain = fragment < 0 ? url : url[..fragment];
        return $"{plain}{(plain.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}";
    }

    private static string Body(JsonProperty[] arguments)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var argument in arguments)
            {
                argument.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
