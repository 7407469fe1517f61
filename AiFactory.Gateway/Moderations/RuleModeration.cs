using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Judging;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Moderations;

/// <summary>Asks the rules of a project what they would find in texts, whatever they would do about it: by the code that holds requests against them, so that both say the same.</summary>
internal sealed class RuleModeration(LongTexts longTexts, TopicJudge topics, IOptions<GuardrailOptions> options)
{
    /// <param name="inputs">For each verdict its texts, which are parts of one message.</param>
    /// <returns>For each verdict the rules that found something.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<(IReadOnlyList<IReadOnlyList<RuleIdentity>> Found, OpenAIError? Error)> JudgeAsync(GuardrailPolicy policy, IReadOnlyList<string[]> inputs, Questioner by)
    {
        var left = by.Left;
        var characters = inputs.Sum(texts => texts.Sum(text => (long)text.Length));
        if (policy.Unusable is { } unusable)
        {
            return ([], GuardrailError.Unusable(unusable));
        }

        if (characters > options.Value.MostCharacters)
        {
            return ([], GuardrailError.TooLong(characters, options.Value.MostCharacters));
        }

        if (!await longTexts.EnterAsync(left, isModeration: true))
        {
            return ([], GuardrailError.Busy);
        }

        (IReadOnlyList<List<RuleIdentity>> Found, OpenAIError? Error) judged;
        try
        {
            judged = Judge(policy, inputs, left);
        }
        finally
        {
            longTexts.Leave(isModeration: true);
        }

        return judged.Error is not null || policy.InputTopics.Length == 0 ? judged : await JudgeTopicsAsync(policy, inputs, judged.Found, by);
    }

    private async ValueTask<(IReadOnlyList<IReadOnlyList<RuleIdentity>> Found, OpenAIError? Error)> JudgeTopicsAsync(
        GuardrailPolicy policy, IReadOnlyList<string[]> inputs, IReadOnlyList<List<RuleIdentity>> found, Questioner by)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            List<string> windows = [.. TextWindows.Of(string.Join('\n', inputs[i])).Take(options.Value.MostWindows + 1)];
            if (windows.Count > options.Value.MostWindows)
            {
                return ([], GuardrailError.TooLongToJudge(policy.InputTopics[0].Identity, options.Value.MostWindows));
            }

            var findings = new Findings("");
            if (await topics.JudgeAsync(policy.InputTopics, new JudgedTexts(windows), by, findings, stop: null) is { } error)
            {
                return ([], error);
            }

            found[i].AddRange(findings.Rules);
        }

        return (found, null);
    }

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
                var message = JsonSerializer.SerializeToUtf8Bytes(new { messages = new[] { new { role = "user", content = texts.Select(text => new { type = "text", text }) } } });
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
