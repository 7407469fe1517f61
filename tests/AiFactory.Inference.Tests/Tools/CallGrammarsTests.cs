using System.Text.Json;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools;

namespace AiFactory.Inference.Tests.Tools;

public sealed class CallGrammarsTests
{
    private readonly CallGrammars _grammars = new();

    [Fact]
    public void The_same_tools_are_compiled_once()
    {
        var first = Hold(Tool("""{"type":"object","properties":{"a":{"type":"integer"}}}"""));
        first.Calls.ShouldNotBeNull();
        Hold(Tool("""{"type":"object","properties":{"a":{"type":"integer"}}}""")).Calls.ShouldNotBeNull().Grammars[0].ShouldBeSameAs(first.Calls.Grammars[0]);
        Hold(Tool("""{"type":"object","properties":{"a":{"type":"string"}}}""")).Calls.ShouldNotBeNull().Grammars[0].ShouldNotBeSameAs(first.Calls.Grammars[0]);
        _grammars.Count.ShouldBe(2);
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        for (var i = 0; i < 100; i++)
        {
            Hold(Tool($$$$"""{"type":"object","properties":{"a{{{{i}}}}":{"type":"integer"}}}"""));
        }

        _grammars.Count.ShouldBe(64);

        // Each takes a part of the room that is larger than a 64th.
        for (var i = 0; i < 20; i++)
        {
            Hold(Tool($$$$"""{"type":"object","properties":{"b{{{{i}}}}":{"enum":[{{{{string.Join(',', Enumerable.Range(100_000, 15_000))}}}}]}}}"""));
        }

        _grammars.Count.ShouldBeInRange(1, 16);
    }

    /// <summary>Schemas that are too much together hold nobody's request up: without strict the calls are held to objects.</summary>
    [Fact]
    public void Tools_that_are_too_much_together_are_held_to_their_names()
    {
        var large = $$$$"""{"type":"object","properties":{"a":{"enum":[{{{{string.Join(',', Enumerable.Range(100_000, 15_000))}}}}]}}}""";
        var rules = Hold([.. Enumerable.Range(0, 100).Select(number => new ToolFunction($"tool-{number}", JsonDocument.Parse(large).RootElement, IsStrict: false))]);
        var constraint = new TokenConstraint(rules.Calls.ShouldNotBeNull().Grammars[0], new VocabularyTrie([.. Enumerable.Range(0, 128).Select(character => new[] { (byte)character })]), _ => false);
        foreach (var character in "{\"name\": \"tool-99\", \"arguments\": {\"a\": 1}}</tool_call>")
        {
            constraint.Allows(character).ShouldBeTrue();
            constraint.Accept(character);
        }

        constraint.IsComplete.ShouldBeTrue();
    }

    [Theory]
    [InlineData("{\"name\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>", true)]
    [InlineData("\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>", true)]
    [InlineData("{\"name\":\"f\",\"arguments\":{\"a\":1}}</tool_call>", true)]
    [InlineData("\n{\n  \"name\": \"f\",\n  \"arguments\": {\n    \"a\": 1\n  }\n}\n</tool_call>", true)]
    [InlineData("{\"arguments\": {\"a\": 1}, \"name\": \"f\"}</tool_call>", true)]
    [InlineData("{\"name\": \"g\"", false)]
    [InlineData("{\"name\": \"f\", \"arguments\": {\"b\"", false)]
    [InlineData("{\"name\": \"f\", \"arguments\": {\"a\": \"", false)]
    [InlineData("{\"name\": \"f\", \"arguments\": {}", false)]
    [InlineData("{\"name\": \"f\", \"arguments\": {\"a\": 1}}a", false)]
    [InlineData("[", false)]
    public void A_call_is_held_to_names_and_parameters_in_any_spacing_that_models_write(string call, bool isAllowed)
    {
        var grammar = Hold(Tool("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""")).Calls.ShouldNotBeNull().Grammars[0];
        var constraint = new TokenConstraint(grammar, new VocabularyTrie([.. Enumerable.Range(0, 128).Select(character => new[] { (byte)character })]), _ => false);
        call.All(character =>
        {
            var allows = constraint.Allows(character);
            if (allows)
            {
                constraint.Accept(character);
            }

            return allows;
        }).ShouldBe(isAllowed);
        constraint.IsComplete.ShouldBe(isAllowed);
    }

    private AnswerRules Hold(params ToolFunction[] functions)
    {
        var rules = AnswerRules.None;
        _grammars.Hold(new ToolUse(new ListValue([])) { Functions = functions }, null, CancellationToken.None, ref rules).ShouldBeNull();
        return rules;
    }

    private static ToolFunction Tool(string parameters) => new("f", JsonDocument.Parse(parameters).RootElement, IsStrict: false);
}
