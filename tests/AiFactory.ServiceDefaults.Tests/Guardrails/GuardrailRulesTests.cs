using System.Text.Json;
using AiFactory.Contracts.Guardrails;
using AiFactory.ServiceDefaults.Guardrails;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Tests.Schemas;

namespace AiFactory.ServiceDefaults.Tests.Guardrails;

public sealed class GuardrailRulesTests
{
    /// <summary>Every gateway keeps what all policies of all projects take.</summary>
    [Fact]
    public void The_patterns_of_a_policy_are_bounded_together()
    {
        var large = new GuardrailRule { Name = "form", Kind = "schema", Action = "block", AppliesTo = "output", Schema = JsonDocument.Parse(JsonSchemaTests.Patterns(40)).RootElement };
        GuardrailRule[] rules = [.. Enumerable.Range(0, GuardrailRules.MostRules).Select(i => large with { Name = $"form-{i}" })];

        Faults([.. rules[..10]]).ShouldBeEmpty();
        Faults(rules).ShouldContain(fault => fault.Contains("takes more memory"));
        Faults([.. Enumerable.Range(0, GuardrailRules.MostRules).Select(i => new GuardrailRule { Name = $"words-{i}", Kind = "words", Action = "block", Words = [.. Enumerable.Range(0, 150).Select(word => $"{i:d3}{word:d3}word")] })])
            .ShouldBeEmpty("fifty rules of words, as many as there may be");
    }

    private static string[] Faults(params GuardrailRule[] rules)
    {
        var errors = new FieldErrors();
        GuardrailRules.Check(rules, errors);
        return errors.Any && errors.ToOutcome<bool>() is Outcome<bool>.Invalid invalid ? [.. invalid.Errors.SelectMany(error => error.Value)] : [];
    }
}
