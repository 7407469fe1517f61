using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Texts;
using AiFactory.Gateway.OpenAI;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Moderations;

/// <summary>Asks the rules of a project what they would find in texts, whatever they would do about it: by the code that holds requests against them, so that both say the same.</summary>
internal sealed class RuleModeration(LongTexts longTexts, IOptions<GuardrailOptions> options)
{
    /// <param name="inputs">For each verdict its texts, which are parts of one message.</param>
    /// <returns>For each verdict the rules that found something.</returns>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public async ValueTask<(IReadOnlyList<IReadOnlyList<RuleIdentity>> Found, OpenAIError? Error)> JudgeAsync(GuardrailPolicy policy, IReadOnlyList<string[]> inputs, CancellationToken left)
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

        if (!await longTexts.EnterAsync(left, isModeration: true))
        {
            return ([], GuardrailError.Busy);
        }

        try
        {
            return Judge(policy, inputs, left);
        }
        finally
        {
            longTexts.Leave(isModeration: true);
        }
    }

    private static (IReadOnlyList<IReadOnlyList<RuleIdentity>> Found, OpenAIError? Error) Judge(GuardrailPolicy policy, IReadOnlyList<string[]> inputs, CancellationToken left)
    {
        // All rules are asked, and each text is read to its end: nothing is stopped or changed here.
        var watching = policy with
        {
            Input = Array.ConvertAll(policy.Input, rule => rule with { Identity = new RuleIdentity(rule.Identity.Level, rule.Identity.Name, GuardrailActions.Flag) }),
            Output = [],
            Sizes = [],
        };
        var found = new List<IReadOnlyList<RuleIdentity>>(inputs.Count);
        try
        {
            foreach (var texts in inputs)
            {
                var findings = new Findings("");
                using var guarding = new Guarding(watching, findings, _ => { });
                using var look = new RequestTexts(guarding, left);
                var message = JsonSerializer.SerializeToUtf8Bytes(new { messages = new[] { new { role = "user", content = texts.Select(text => new { type = "text", text }) } } });
                look.Look(message, JsonTexts.Read(message, TextShape.OfRequest(Operation.ChatCompletion)), new JsonEdits());
                found.Add(findings.Rules);
            }
        }
        catch (GuardrailException fault)
        {
            return ([], GuardrailError.Unusable(fault.Rule));
        }

        return (found, null);
    }
}
