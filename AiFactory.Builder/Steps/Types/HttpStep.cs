using System.Text.Encodings.Web;
using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Templates;
using AiFactory.Builder.Tools.Http;
using AiFactory.Contracts.Builder.Flows;
using AiFactory.ServiceDefaults.Outbound;
using static AiFactory.Builder.Steps.StepDescription;

namespace AiFactory.Builder.Steps.Types;

/// <summary>A call of something outside. Every attempt carries the same <c>Idempotency-Key</c>, so that who is called can tell a repeated request from a second one.</summary>
internal sealed class HttpStep(OutboundHttp http, SecretVault secrets) : IStepType
{
    private const string Method = "method";
    private const string Url = "url";
    private const string Headers = "headers";
    private const string Body = "body";
    private const string Hosts = "allowedHosts";

    private static readonly StepPolicy Waits = new(TimeSpan.FromSeconds(30), 2);

    public StepTypeResponse Description { get; } = new(
        "http", "HTTP", "Calls a web service. {{text}} in the address or the body is what comes in.",
        [Takes("in", PortTypes.Any, multiple: true)],
        [Gives("text", PortTypes.Text), Gives("json", PortTypes.Json)],
        [
            new(Method, "Method", SettingKinds.Select, Required: true, Default: Default("GET"), Options: ["GET", "POST", "PUT", "PATCH", "DELETE"]),
            new(Url, "Address", SettingKinds.Text, Required: true, Help: "For example https://api.example.com/orders?q={{text}}&key={{secret.orders}}; a secret stands behind the host."),
            new(Headers, "Headers", SettingKinds.Json, Help: "{\"accept\": \"application/json\"}; a secret by its name, {\"authorization\": \"Bearer {{secret.github}}\"}."),
            new(Body, "Body", SettingKinds.LongText, Help: "For example {\"question\": \"{{text}}\"}; {{json}} is the input as JSON, {{secret.orders}} a secret."),
            new(Hosts, "Allowed hosts", SettingKinds.Text, Help: "With commas between; where the address may lead. Any when empty."),
            .. Waiting(Waits),
        ]);

    public StepPolicy Policy => Waits;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        if (Address(settings, _ => "x", _ => "x") is not { Scheme: "http" or "https" } url)
        {
            yield return (Url, "The address is not one of http or https.");
        }
        else if (!IsSameHost(url, Address(settings, _ => "x", _ => "y")))
        {
            yield return (Url, "A secret has no place in the host, for it is sent to the hosts alone that it is for: write it behind, in the path or the query.");
        }

        if (settings.Value(Headers) is { } headers && headers.ValueKind != JsonValueKind.Object)
        {
            yield return (Headers, "Headers are a JSON object of texts.");
        }

        foreach (var setting in (string[])[Url, Body])
        {
            if (SecretReferences.IsMisspelt(settings.Text(setting)))
            {
                yield return (setting, "A secret is named {{secret.NAME}}: 1 to 64 letters, digits, '_' and '-'.");
            }
        }

        foreach (var leak in Secrets(settings))
        {
            yield return leak;
        }

        foreach (var complaint in Pairs(settings).Select(pair => OutboundMessage.Complaint(pair.Key, pair.Value)).OfType<string>())
        {
            yield return (Headers, complaint);
        }
    }

    public IEnumerable<(string Setting, string Complaint)> Secrets(StepSettings settings)
    {
        if (SecretReferences.AddressComplaint(settings.Text(Url)) is { } inAddress)
        {
            yield return (Url, inAddress);
        }

        if (settings.Value(Headers) is { } headers && SecretReferences.Complaint(headers) is { } inHeaders)
        {
            yield return (Headers, inHeaders);
        }
    }

    public IEnumerable<string> Variables(StepSettings settings) => TemplateText.Variables(settings.Text(Url))
        .Concat(TemplateText.Variables(settings.Text(Body)))
        .Where(name => name is not ("text" or "json"));

    public async Task<StepOutcome> RunAsync(StepContext context, CancellationToken cancellationToken)
    {
        // 1. Where the call goes, which decides whether a secret may go with it.
        var settings = context.Settings;
        if (Address(settings, name => Variable(context, name), _ => "x", context.MaxOutputBytes) is not { } place)
        {
            return new StepOutcome.Failed("With what came in, the address is none.", IsTransient: false);
        }

        var call = secrets.Open(context.Project, place);
        try
        {
            // 2. The same with the secrets, in the address, the body and the headers.
            var request = Request(context, place, call);
            var answer = await http.SendAsync(request, cancellationToken);

            // 3. The answer without them.
            var text = call.Clean(answer.Body);
            return answer.IsSuccess
                ? StepOutcome.Of(("text", PortValues.Text(text)), ("json", Json(text)))
                : new StepOutcome.Failed($"{place.Host} answered {answer.Status}: {Start(text)}", answer.Status is 408 or 425 or 429 or >= 500);
        }
        catch (OutboundException error)
        {
            return new StepOutcome.Failed(call.Clean(error.Message), error.IsTransient);
        }
    }

    private static OutboundRequest Request(StepContext context, Uri place, SecretCall call)
    {
        var settings = context.Settings;
        if (Address(settings, name => Variable(context, name), call.Value, context.MaxOutputBytes) is not { } url || !IsSameHost(url, place))
        {
            throw new OutboundException("With its secrets, the address is none, or one of another host.", isTransient: false);
        }

        var body = settings.Text(Body) is { Length: > 0 } template ? Fill(template, context, call) : null;
        return new OutboundRequest(new HttpMethod(settings.Text(Method)), url, TimeSpan.FromSeconds(settings.Number(StepDescription.Timeout) ?? Waits.Timeout.TotalSeconds))
        {
            StaysAtOrigin = call.IsUsed,
            Headers = call.Fill(Pairs(settings).Append(KeyValuePair.Create("Idempotency-Key", context.IdempotencyKey))),
            Body = body,
            OnlyHosts = settings.Text(Hosts).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        };
    }

    private static Uri? Address(StepSettings settings, Func<string, string?> value, Func<string, string> secret, int most = int.MaxValue) =>
        Uri.TryCreate(TemplateText.Fill(settings.Text(Url), value, secret: secret, encode: Uri.EscapeDataString, most: most), UriKind.Absolute, out var url) ? url : null;

    private static bool IsSameHost(Uri one, Uri? other) => one.GetLeftPart(UriPartial.Authority) == other?.GetLeftPart(UriPartial.Authority);

    /// <summary>Values stand between the quotes of the template's JSON, so they are escaped for it; {{json}} stands without quotes and is JSON itself.</summary>
    private static string Fill(string body, StepContext context, SecretCall call) =>
        TemplateText.Fill(
            body,
            name => name == "json" ? context.Inputs.First("in")?.GetRawText() ?? "null" : Escape(Variable(context, name) ?? ""),
            most: context.MaxOutputBytes,
            secret: name => Escape(call.Value(name)));

    /// <summary>No more than JSON asks for: a body is no part of a page, and what is escaped more comes back in more forms.</summary>
    private static string Escape(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();

    private static string? Variable(StepContext context, string name) => context.Inputs.Variable(name is "text" or "json" ? "in" : name);

    private static IEnumerable<KeyValuePair<string, string>> Pairs(StepSettings settings) =>
        settings.Value(Headers) is { ValueKind: JsonValueKind.Object } headers
            ? headers.EnumerateObject().Select(header => KeyValuePair.Create(header.Name, PortValues.ToText(header.Value))).DistinctBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
            : [];

    /// <summary>The answer as JSON, or, when it is none, as a text.</summary>
    private static JsonElement Json(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(body);
        }
        catch (JsonException)
        {
            return PortValues.Text(body);
        }
    }

    private static string Start(string body) => body.Length <= 300 ? body : $"{StorableText.Start(body, 300)}...";
}
