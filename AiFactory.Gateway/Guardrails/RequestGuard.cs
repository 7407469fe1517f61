using System.Buffers;
using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Holds a request against its rules, before any model or queue has seen it, and puts masks in its texts.</summary>
internal sealed class RequestGuard(GatewayTelemetry telemetry, AuditTrail audit)
{
    /// <param name="operation">Gets another body, where it has one of its own and a text in it was masked.</param>
    /// <param name="body">Gets masks in its texts; the rest of it stays byte for byte.</param>
    /// <param name="place">Of the model's name, which moves with them.</param>
    /// <param name="guarding">For the answer.</param>
    /// <returns>Null where it may pass.</returns>
    public OpenAIError? Check(
        HttpContext context, Caller caller, ProjectRoutes models, Deployment deployment, GuardrailPolicy policy, ref Operation operation, ref RequestBody body, ref ModelPlace place, out Guarding guarding)
    {
        // The names are of compiled projects, and so are few: they are labels of metrics.
        var findings = new Findings(models.Project.Length > 0 ? models.Project : deployment.Project, telemetry);
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? operation.Path;
        guarding = new Guarding(policy, findings, rule => audit.Add(caller.Identity, AuditTrail.GuardrailBlocked, route, rule.Path));
        try
        {
            ReadOnlySpan<byte> json = operation.Body is { } tensors ? tensors : body.Span;
            var edits = new JsonEdits();
            var error = policy.Unusable is { } rule ? GuardrailError.Unusable(rule) : Look(json, operation, guarding, edits);
            guarding.WriteHeader(context.Response);
            guarding.ExpectAnswer(operation);
            if (error is not null || !edits.Any)
            {
                return error;
            }

            if (operation.Body is not null)
            {
                operation = operation with { Body = edits.Apply(json) };
                return null;
            }

            var edited = ArrayPool<byte>.Shared.Rent(edits.Length(body.Length));
            edits.Apply(json, edited);
            place = edits.After(place);
            body.Replace(edited, edits.Length(body.Length));
            return null;
        }
        catch (GuardrailException fault)
        {
            return GuardrailError.Unusable(fault.Rule);
        }
        catch (JsonException)
        {
            // Tensors that are no JSON; what clients send else was read before.
            return GuardrailError.Unreadable with { Status = StatusCodes.Status400BadRequest };
        }
    }

    private static OpenAIError? Look(ReadOnlySpan<byte> json, Operation operation, Guarding guarding, JsonEdits edits)
    {
        var policy = guarding.Policy;
        if (policy is { Input: [], Sizes: [] })
        {
            return null;
        }

        var texts = JsonTexts.Read(json, TextShape.OfRequest(operation));
        if (texts.HasTokenIds && policy.Input.Any(rule => rule.Identity.Action != GuardrailActions.Flag))
        {
            return GuardrailError.TokenIds(operation == Operation.Embedding ? "input" : "prompt");
        }

        return LookAtSizes(json, texts, guarding) ?? LookAtTexts(json, texts, guarding, edits);
    }

    /// <summary>First, for the rest costs more the more there is.</summary>
    private static OpenAIError? LookAtSizes(ReadOnlySpan<byte> json, JsonTexts texts, Guarding guarding)
    {
        var sizes = guarding.Policy.Sizes;
        var characters = 0L;
        foreach (var place in sizes.Length == 0 ? [] : texts.Places)
        {
            characters += JsonText.CountOf(place.Raw(json));
        }

        foreach (var size in sizes)
        {
            if (size.Exceeded(texts, characters) is { } exceeded)
            {
                guarding.Findings.Add(size.Identity);
                if (size.Identity.Action == GuardrailActions.Block)
                {
                    return guarding.Stop(size.Identity, GuardrailError.OfRequest(size.Identity, exceeded.Place, exceeded.Words));
                }
            }
        }

        return null;
    }

    private static OpenAIError? LookAtTexts(ReadOnlySpan<byte> json, JsonTexts texts, Guarding guarding, JsonEdits edits)
    {
        using var scan = new TextScan(guarding.Policy.Input, guarding.Findings);
        var output = new ArrayBufferWriter<char>();
        foreach (var place in texts.Places)
        {
            scan.Reset();
            scan.Append(place.Raw(json));
            if (scan.Advance(isEnd: true, place.Trusted) is { } rule)
            {
                return guarding.Stop(rule, GuardrailError.OfRequest(rule, place.ToString()));
            }

            if (scan.HasMasked)
            {
                output.ResetWrittenCount();
                scan.Release(output);
                edits.Add(place.At, place.Length, JsonText.Encode(output.WrittenSpan));
            }
        }

        return null;
    }
}
