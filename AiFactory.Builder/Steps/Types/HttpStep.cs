using System.Text.Json;
using AiFactory.Builder.Runs;
using AiFactory.Builder.Secrets;
using AiFactory.Builder.Tools.Http;
using AiFactory.Contracts.Builder.Flows;
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
            new(Url, "Address", SettingKinds.Text, Required: true, Help: "For example https://api.example.com/orders?q={{text}}"),
            new(Headers, "Headers", SettingKinds.Json, Help: "{\"accept\": \"application/json\"}; a secret by its name, {\"authorization\": \"Bearer {{secret.github}}\"}."),
            new(Body, "Body", SettingKinds.LongText, Help: "For example {\"question\": \"{{text}}\"}; {{json}} is the input as JSON."),
            new(Hosts, "Allowed hosts", SettingKinds.Text, Help: "With commas between; where the address may lead. Any when empty."),
            .. Waiting(Waits),
        ]);

    public StepPolicy Policy => Waits;

    public IEnumerable<(string Setting, string Complaint)> Check(StepSettings settings)
    {
        if (!Uri.TryCreate(TemplateText.Fill(settings.Text(Url), _ => "x"), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            yield return (Url, "The address is not one of http or https.");
        }

        if (settings.Value(Headers) is { } headers && headers.ValueKind != JsonValueKind.Object)
        {
            yield return (Headers, "Headers are a JSON object of texts.");
        }

        foreach (var setting in (string[])[Url, Body])
        {
            if (SecretReferences.IsIn(settings.Text(setting)))
            {
                yield return (setting, "A secret stands in headers only, where nobody reads it.");
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
        var settings = context.Settings;
        if (!Uri.TryCreate(TemplateText.Fill(settings.Text(Url), name => Variable(context, name), Uri.EscapeDataString, context.MaxOutputBytes), UriKind.Absolute, out var url))
        {
            return new StepOutcome.Failed("With what came in, the address is none.", IsTransient: false);
        }

        try
        {
            var headers = secrets.Fill(context.Project, url, Pairs(settings).Append(KeyValuePair.Create("Idempotency-Key", context.IdempotencyKey)));
            var request = new OutboundRequest(new HttpMethod(settings.Text(Method)), url, TimeSpan.FromSeconds(settings.Number(StepDescription.Timeout) ?? Waits.Timeout.TotalSeconds))
            {
                Headers = headers.Values,
                Body = settings.Text(Body) is { Length: > 0 } body ? Fill(body, context) : null,
                OnlyHosts = settings.Text(Hosts).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            };
            var answer = await http.SendAsync(request, cancellationToken);
            var text = headers.Clean(answer.Body);
            return answer.IsSuccess
                ? StepOutcome.Of(("text", PortValues.Text(text)), ("json", Json(text)))
                : new StepOutcome.Failed($"{url.Host} answered {answer.Status}: {Start(text)}", answer.Status is 408 or 425 or 429 or >= 500);
        }
        catch (OutboundException error)
        {
            return new StepOutcome.Failed(error.Message, error.IsTransient);
        }
    }

    /// <summary>Values stand between the quotes of the template's JSON, so they are escaped for it; {{json}} stands without quotes and is JSON itself.</summary>
    private static string Fill(string body, StepContext context) =>
        TemplateText.Fill(
            body,
            name => name == "json" ? context.Inputs.First("in")?.GetRawText() ?? "null" : JsonEncodedText.Encode(Variable(context, name) ?? "").ToString(),
            most: context.MaxOutputBytes);

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
