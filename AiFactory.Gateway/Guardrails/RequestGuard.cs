using System.Globalization;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Holds a request against its rules, before any model or queue has seen it, and puts masks in its texts.</summary>
internal sealed class RequestGuard(GatewayTelemetry telemetry, AuditTrail audit, LongTexts longTexts, AnswerPlaces places, TopicJudge topics, JudgePlaces judgePlaces, IOptions<GuardrailOptions> options, IOptions<ForwardingOptions> forwarding)
{
    private static readonly string[] OfResponses = ["max_output_tokens"];
    private static readonly string[] OfCompletions = ["max_tokens"];
    private static readonly string[] OfChats = ["max_tokens", "max_completion_tokens"];

    /// <param name="exchange">Gets the rules for its answer, and masks in its texts; the rest of its body stays byte for byte.</param>
    /// <param name="project">The compiled one whose rules hold; empty where there is none.</param>
    /// <returns>Whether it may pass; if not, what the client is told, unless it has left.</returns>
    public async ValueTask<(bool Passes, OpenAIError? Error)> CheckAsync(Exchange exchange, GuardrailPolicy policy, string project)
    {
        var by = new Questioner(topics, judgePlaces, exchange.Context, exchange.Caller, exchange.Reservation) { Exchange = exchange };

        // The names are of compiled projects, and so are few: they are labels of metrics.
        var findings = new Findings(project.Length > 0 ? project : exchange.Named.Project, telemetry);
        var route = (exchange.Context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? exchange.Operation.Path;
        var guarding = new Guarding(policy, findings, rule => audit.Add(exchange.Caller.Identity, AuditTrail.GuardrailBlocked, route, rule.Path))
        {
            Questioner = by,
            Left = exchange.Context.RequestAborted,
        };
        exchange.Guarding = guarding;
        try
        {
            var error = policy.Unusable is { } rule ? GuardrailError.Unusable(rule) : policy is { Input: [], Sizes: [], InputTopics: [] } || exchange.Body.Count == 0 ? null : await LookAsync(exchange, guarding);
            guarding.WriteHeader(exchange.Context.Response);
            guarding.ExpectAnswer(exchange.Operation, places);
            error ??= guarding.Answers is null ? null : await topics.ExpectAsync(policy.OutputTopics, by, findings);
            return (error is null, error);
        }
        catch (GuardrailException fault)
        {
            return (false, GuardrailError.Unusable(fault.Rule));
        }
        catch (JsonException)
        {
            // Tensors that are no JSON, for what clients send else was read before; or too many texts.
            return (false, GuardrailError.UnreadableRequest);
        }
        catch (OperationCanceledException) when (exchange.ClientLeft)
        {
            return (false, null);
        }
        catch (OperationCanceledException) when (exchange.IsOverdue)
        {
            return (false, OpenAIError.TotalTimeout(forwarding.Value.TotalTimeout));
        }
    }

    private async ValueTask<OpenAIError?> LookAsync(Exchange exchange, Guarding guarding)
    {
        // 1. What can be told without reading a text.
        var texts = JsonTexts.Read(exchange.Body, TextShape.OfRequest(exchange.Operation));
        var edits = new JsonEdits();
        if (Unreadable(texts, exchange.Operation, guarding.Policy) is { } unreadable)
        {
            return unreadable;
        }

        var characters = Count(exchange.Body, texts);
        if (LookAtSizes(texts, characters, exchange, guarding, edits) is { } tooMuch)
        {
            return tooMuch;
        }

        // 2. The texts.
        var policy = guarding.Policy;
        if (policy.Input.Length > 0 || policy.InputTopics.Length > 0)
        {
            if (characters > options.Value.MostCharacters)
            {
                return GuardrailError.TooLong(characters, options.Value.MostCharacters);
            }

            if (policy.Input.Length > 0 && await LookAtTextsAsync(exchange, texts, characters, guarding, edits) is { } stopped)
            {
                return stopped;
            }
        }

        // 3. What replicas are sent.
        if (edits.Any)
        {
            exchange.Edit(edits);
        }

        // 4. What these are about. What was masked no judge gets.
        return policy.InputTopics.Length == 0 ? null : await JudgeAsync(exchange, edits.Any ? JsonTexts.Read(exchange.Body, TextShape.OfRequest(exchange.Operation)) : texts, guarding);
    }

    private async ValueTask<OpenAIError?> JudgeAsync(Exchange exchange, JsonTexts texts, Guarding guarding)
    {
        // All questions together have no more time than the request has.
        exchange.Unlimit();
        return await guarding.JudgeRequestAsync(
            JudgedTexts.OfRequest(exchange.Body, texts, all: Array.Exists(guarding.Policy.InputTopics, rule => !rule.IsOfUsers), options.Value.MostWindows), rule => GuardrailError.OfRequest(rule, Place(exchange.Operation)));
    }

    /// <summary>The member that texts of users stand in.</summary>
    private static string Place(Operation operation) =>
        operation == Operation.ChatCompletion ? "messages" : operation == Operation.Completion || operation == Operation.Image ? "prompt" : operation.Body is not null ? "inputs" : "input";

    private async ValueTask<OpenAIError?> LookAtTextsAsync(Exchange exchange, JsonTexts texts, long characters, Guarding guarding, JsonEdits edits)
    {
        if (characters < LongTexts.Shortest)
        {
            return LookAtTexts(exchange, texts, guarding, edits);
        }

        if (!await longTexts.EnterAsync(exchange.Context.RequestAborted))
        {
            return GuardrailError.Busy;
        }

        try
        {
            return LookAtTexts(exchange, texts, guarding, edits);
        }
        finally
        {
            longTexts.Leave();
        }
    }

    private static OpenAIError? LookAtTexts(Exchange exchange, JsonTexts texts, Guarding guarding, JsonEdits edits)
    {
        using var look = new RequestTexts(guarding, exchange.Context.RequestAborted);
        return look.Look(exchange.Body, texts, edits);
    }

    /// <summary>What hides a text from rules that could stop it, or that count it.</summary>
    private static OpenAIError? Unreadable(JsonTexts texts, Operation operation, GuardrailPolicy policy)
    {
        if (!Array.Exists(policy.Input, rule => rule.Identity.Action != GuardrailActions.Flag)
            && !Array.Exists(policy.InputTopics, rule => rule.Blocks)
            && !Array.Exists(policy.Sizes, size => size is { Sizes.Characters: not null, Identity.Action: GuardrailActions.Block }))
        {
            return null;
        }

        return texts.HasTokenIds ? GuardrailError.TokenIds(operation.Body is not null ? "inputs" : operation == Operation.Embedding ? "input" : "prompt")
            : texts.Unreadable is { } member ? GuardrailError.UnreadableMember(member)
            : null;
    }

    private static long Count(ReadOnlySpan<byte> json, JsonTexts texts)
    {
        var characters = 0L;
        foreach (var place in texts.Places)
        {
            characters += JsonText.CountOf(place.Raw(json));
        }

        return characters;
    }

    private static OpenAIError? LookAtSizes(JsonTexts texts, long characters, Exchange exchange, Guarding guarding, JsonEdits edits)
    {
        var tightest = (SizeRule?)null;
        foreach (var size in guarding.Policy.Sizes)
        {
            var isBlocking = size.Identity.Action == GuardrailActions.Block;
            if (size.Exceeded(texts, characters) is { } exceeded)
            {
                guarding.Findings.Add(size.Identity);
                if (isBlocking)
                {
                    return guarding.Stop(size.Identity, GuardrailError.OfRequest(size.Identity, exceeded.Place, exceeded.Words));
                }
            }

            tightest = isBlocking && size.Sizes.Tokens is { } tokens && !(tightest?.Sizes.Tokens <= tokens) ? size : tightest;
        }

        return tightest is { Sizes.Tokens: { } most } ? Limit(texts.Length, exchange, tightest.Identity, most, guarding, edits) : null;
    }

    /// <summary>Who does not say how long an answer may get, gets what the rule lets pass; a tensor's sender has to say it.</summary>
    private static OpenAIError? Limit(AskedLength length, Exchange exchange, RuleIdentity rule, int most, Guarding guarding, JsonEdits edits)
    {
        var operation = exchange.Operation;
        if (operation.Body is not null && length.Tokens is null && exchange.Named.Route.Task == ModelTasks.Chat)
        {
            guarding.Findings.Add(rule);
            return guarding.Stop(rule, GuardrailError.OfRequest(rule, "parameters", $"say with 'max_tokens' in 'parameters' how many tokens an answer may have, {most} at most"));
        }

        if (!operation.Generates || operation.Body is not null)
        {
            return null;
        }

        // One that says nothing may stand behind one that does, and the last of two equal members counts. What another operation's limit says, its server does not read.
        var number = Math.Max(1, most / length.Choices).ToString(CultureInfo.InvariantCulture);
        foreach (var (at, taken) in length.Nulls)
        {
            edits.Add(at, taken, Encoding.ASCII.GetBytes(number));
        }

        var names = operation == Operation.Response ? OfResponses : operation == Operation.Completion ? OfCompletions : OfChats;
        if (!length.Says(names))
        {
            edits.Add(length.FirstMember, 0, Encoding.ASCII.GetBytes($"\"{names[0]}\":{number},"));
        }

        return null;
    }
}
