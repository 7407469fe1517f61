using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Guardrails;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Guardrails.Trials;

/// <summary>Shows what rules would do to a text, by the code that holds requests and answers against them. Nothing of it is counted, kept or audited but what a judge computes, which is used as by any request of the caller.</summary>
internal sealed class TrialService(CurrentRoutes routes, LongTexts longTexts, TopicJudge topics, JudgePlaces places, IOptions<ForwardingOptions> forwarding, TimeProvider time)
{
    private const int MostCharacters = 16 * 1024;

    public async ValueTask<Outcome<TrialResponse>> TryAsync(HttpContext context, TrialRequest request)
    {
        var (caller, left) = (context.GetIdentity(), context.RequestAborted);
        var project = string.IsNullOrEmpty(request.Project) ? caller.Project ?? "" : request.Project;
        if (project.Length > 0 && !caller.CoversProject(project))
        {
            return new Outcome<TrialResponse>.Forbidden("The caller may try the rules of its own project only.");
        }

        if (request.Rules is not null && !caller.Has(Permissions.GuardrailsWrite))
        {
            return new Outcome<TrialResponse>.Forbidden($"Rules of its own tries who may write them ('{Permissions.GuardrailsWrite}'); leave 'rules' out to try those that hold.");
        }

        var errors = new FieldErrors();
        errors.Require(request.Text is { Length: > 0 and <= MostCharacters }, "text", $"A text to try has 1 to {MostCharacters} characters.");
        errors.Require(
            request.AppliesTo is null or GuardrailDirections.Input or GuardrailDirections.Output,
            "appliesTo",
            $"Use '{GuardrailDirections.Input}' for what a user writes or '{GuardrailDirections.Output}' for what a model answers.");
        if (errors.Any)
        {
            return errors.ToOutcome<TrialResponse>();
        }

        var models = routes.Table?.RoutesOf(project);
        var deployment = string.IsNullOrEmpty(request.Deployment) ? null : models?.Find(request.Deployment);
        if (deployment is null && !string.IsNullOrEmpty(request.Deployment))
        {
            return Outcome<TrialResponse>.Missed("deployment", request.Deployment);
        }

        // However short the text, rules of one's own can make much work of it, and so can reading them. Those that are saved wait for nobody.
        var takesPlace = request.Rules is not null;
        if (takesPlace && !await longTexts.EnterModerationAsync(project, left))
        {
            return new Outcome<TrialResponse>.TooMany("As many texts are tried and moderated now as this gateway does at once. Try again shortly.", TimeSpan.FromSeconds(2));
        }

        var (policy, findings, isAnswer) = ((GuardrailPolicy?)null, new Findings(""), request.AppliesTo == GuardrailDirections.Output);
        TrialResponse looked;
        try
        {
            if (request.Rules is not null)
            {
                GuardrailRules.Check(request.Rules, errors);
            }

            if (errors.Any)
            {
                return errors.ToOutcome<TrialResponse>();
            }

            policy = request.Rules is { } rules ? GuardrailCompiler.Compile(new GuardrailRoute(project, null, 0, [.. rules.Select(rule => rule with { JudgeId = null })]), _ => { })
                : deployment is null ? models?.Guardrails?.Common : models?.Guardrails?.Of(deployment);
            looked = Try(policy ?? new GuardrailPolicy(), findings, request.Text ?? "", isAnswer, left);
        }
        finally
        {
            if (takesPlace)
            {
                longTexts.LeaveModeration(project);
            }
        }

        if (policy is null || looked.Text is not { } passing)
        {
            return looked;
        }

        if ((isAnswer ? policy.OutputTopics : policy.InputTopics).Length > 0 && !caller.Has(Permissions.InferenceInvoke))
        {
            return new Outcome<TrialResponse>.Forbidden($"Some of these rules ask a model, which tries who may use models ('{Permissions.InferenceInvoke}').");
        }

        // A model takes its time, as a request's may.
        var total = forwarding.Value.TotalTimeout;
        using var limit = new CancellationTokenSource(total, time);
        using var until = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, left);
        var by = new Questioner(topics, places, context, new Caller(caller, models ?? new ProjectRoutes(project, [], []), expiresAt: null)) { Until = until.Token };
        try
        {
            var error = await JudgeAsync(policy, findings, passing, isAnswer, by);
            string[] found = findings.Marks?.Split(',') ?? [];
            return error is null ? looked with { Found = found } : new TrialResponse("blocked", null, found, error.Body.Message);
        }
        catch (OperationCanceledException) when (!left.IsCancellationRequested)
        {
            return new TrialResponse("blocked", null, findings.Marks?.Split(',') ?? [], OpenAIError.TotalTimeout(total).Body.Message);
        }
    }

    private static async Task<OpenAIError?> JudgeAsync(GuardrailPolicy policy, Findings findings, string text, bool isAnswer, Questioner by)
    {
        using var guarding = new Guarding(policy, findings, _ => { }) { Questioner = by };
        if (!isAnswer)
        {
            var body = Request(text);
            return await guarding.JudgeRequestAsync(JudgedTexts.OfRequest(body, JsonTexts.Read(body, TextShape.OfRequest(Operation.ChatCompletion)), all: false, by.Places.MostWindows), rule => GuardrailError.OfRequest(rule, "messages"));
        }

        guarding.ExpectAnswer(Operation.ChatCompletion);
        return guarding.Answers is { } answers ? await answers.JudgeAsync(Answer(text)) : null;
    }

    private static TrialResponse Try(GuardrailPolicy policy, Findings findings, string text, bool isAnswer, CancellationToken left)
    {
        using var guarding = new Guarding(policy, findings, _ => { }) { Left = left };
        try
        {
            var (passing, error) = policy.Unusable is { } rule ? (null, GuardrailError.Unusable(rule)) : isAnswer ? OfAnswer(text, guarding) : OfRequest(text, guarding, left);
            string[] found = findings.Marks?.Split(',') ?? [];
            return error is not null ? new TrialResponse("blocked", null, found, error.Body.Message) : new TrialResponse(passing == text ? "passed" : "masked", passing, found, null);
        }
        catch (GuardrailException slow)
        {
            return new TrialResponse("blocked", null, [slow.Rule.Mark], GuardrailError.Unusable(slow.Rule).Body.Message);
        }
    }

    private static (string? Text, OpenAIError? Error) OfRequest(string text, Guarding guarding, CancellationToken left)
    {
        var body = Request(text);
        var texts = JsonTexts.Read(body, TextShape.OfRequest(Operation.ChatCompletion));
        var edits = new JsonEdits();
        using var look = new RequestTexts(guarding, left);
        if (look.Look(body, texts, edits) is { } error)
        {
            return (null, error);
        }

        using var sent = JsonDocument.Parse(edits.Apply(body));
        return (sent.RootElement.GetProperty("messages")[0].GetProperty("content").GetString(), null);
    }

    private static (string? Text, OpenAIError? Error) OfAnswer(string text, Guarding guarding)
    {
        guarding.ExpectAnswer(Operation.ChatCompletion);
        if (guarding.Answers is not { } answers)
        {
            return (text, null);
        }

        answers.Take(Answer(text));
        var (answer, error) = answers.Make();
        if (error is not null)
        {
            return (null, error);
        }

        using var given = JsonDocument.Parse(answer);
        return (given.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString(), null);
    }

    private static byte[] Request(string text) => JsonSerializer.SerializeToUtf8Bytes(new { messages = new[] { new { role = "user", content = text } } });

    private static byte[] Answer(string text) => JsonSerializer.SerializeToUtf8Bytes(new { choices = new[] { new { index = 0, message = new { role = "assistant", content = text } } } });
}
