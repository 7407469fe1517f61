using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Moderations;

/// <summary>Asks the rules of a project what they would find in texts, whatever they would do about it: by the code that holds requests against them, so that both say the same.</summary>
internal sealed class RuleModeration(LongTexts longTexts, IOptions<GuardrailOptions> options)
{
    /// <summary>Characters that a text's own work is as good as, however short it is.</summary>
    private const int PerText = 32;

    /// <param name="inputs">For each verdict its texts, which are parts of one message.</param>
    /// <param name="project">Whose place it takes; empty for nobody's.</param>
    /// <returns>For each verdict the rules that found something.</returns>
    /// <exception cref="OperationCanceledException">The client has left, or the request's time is up.</exception>
    public async ValueTask<(IReadOnlyList<IReadOnlyList<RuleIdentity>> Found, OpenAIError? Error)> JudgeAsync(GuardrailPolicy policy, IReadOnlyList<string[]> inputs, string project, Questioner by)
    {
        var characters = inputs.Sum(texts => texts.Sum(text => (long)text.Length));
        if (policy.Unusable is { } unusable)
        {
            return ([], GuardrailError.Unusable(unusable));
        }

        if (characters > options.Value.MostCharacters)
        {
            return ([], GuardrailError.TooLong(characters, options.Value.MostCharacters));
        }

        // Rules that are saved hold for requests too, where short texts wait for nobody.
        var isLong = characters + (PerText * inputs.Sum(texts => (long)texts.Length)) >= LongTexts.Shortest;
        if (isLong && !await longTexts.EnterModerationAsync(project, by.Left))
        {
            return ([], GuardrailError.Busy);
        }

        (IReadOnlyList<List<RuleIdentity>> Found, OpenAIError? Error) judged;
        try
        {
            judged = Judge(policy, inputs, by.Left);
        }
        finally
        {
            if (isLong)
            {
                longTexts.LeaveModeration(project);
            }
        }

        return judged.Error is not null || policy.InputTopics.Length == 0 ? judged : await JudgeTopicsAsync(policy, inputs, judged.Found, by);
    }

    private async ValueTask<(IReadOnlyList<IReadOnlyList<RuleIdentity>> Found, OpenAIError? Error)> JudgeTopicsAsync(
        GuardrailPolicy policy, IReadOnlyList<string[]> inputs, IReadOnlyList<List<RuleIdentity>> found, Questioner by)
    {
        // 1. The texts of all inputs, which are one request and have its bound.
        var (windows, ends, most) = (new List<string>(), new List<int>(inputs.Count), options.Value.MostWindows);
        foreach (var texts in inputs)
        {
            var message = Message(texts);
            windows.AddRange(JudgedTexts.OfRequest(message, JsonTexts.Read(message, TextShape.OfRequest(Operation.ChatCompletion)), all: false, most - windows.Count).Windows);
            if (windows.Count > most)
            {
                return ([], GuardrailError.TooLongToJudge(policy.InputTopics[0].Identity, most));
            }

            ends.Add(windows.Count);
        }

        // 2. All together, as many as go into a question: most texts are about nothing that any rule is for.
        var (all, findings) = (new JudgedTexts(windows), new Findings(""));
        if (await by.JudgeAsync(policy.InputTopics, all, findings, stop: null) is { } error)
        {
            return ([], error);
        }

        // 3. Which of them it was: where vectors tell, nobody is asked again.
        TopicRule[] rules = [.. policy.InputTopics.Where(rule => findings.Rules.Contains(rule.Identity))];
        for (var i = 0; rules.Length > 0 && i < inputs.Count; i++)
        {
            var one = inputs.Count == 1 ? findings : new Findings("");
            if (inputs.Count > 1 && await by.JudgeAsync(rules, all.Slice(i == 0 ? 0 : ends[i - 1], ends[i]), one, stop: null) is { } fault)
            {
                return ([], fault);
            }

            found[i].AddRange(one.Rules);
        }

        return (found, null);
    }

    private static byte[] Message(string[] texts) => JsonSerializer.SerializeToUtf8Bytes(new { messages = new[] { new { role = "user", content = texts.Select(text => new { type = "text", text }) } } });

    private static (IReadOnlyList<List<RuleIdentity>> Found, OpenAIError? Error) Judge(GuardrailPolicy policy, IReadOnlyList<string[]> inputs, CancellationToken left)
    {
        // All rules are asked, and each text is read to its end: nothing is stopped or changed here.
        var watching = policy with
        {
            Input = Array.ConvertAll(policy.Input, rule => rule with { Identity = new RuleIdentity(rule.Identity.Level, rule.Identity.Name, GuardrailActions.Flag) }),
            Output = [],
            Sizes = [],
            OutputTopics = [],
            Schemas = [],
        };
        var found = new List<List<RuleIdentity>>(inputs.Count);
        try
        {
            foreach (var texts in inputs)
            {
                var findings = new Findings("");
                using var guarding = new Guarding(watching, findings, _ => { });
                using var look = new RequestTexts(guarding, left);
                var message = Message(texts);
                look.Look(message, JsonTexts.Read(message, TextShape.OfRequest(Operation.ChatCompletion)), new JsonEdits());
                found.Add([.. findings.Rules]);
            }
        }
        catch (GuardrailException fault)
        {
            return ([], GuardrailError.Unusable(fault.Rule));
        }

        return (found, null);
    }
}
