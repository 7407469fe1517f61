using System.Text.Json;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools;
using AiFactory.Inference.Tools.Formats;

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
            Hold($"{i % 8}", Tool($$$$"""{"type":"object","properties":{"a{{{{i}}}}":{"type":"integer"}}}"""));
        }

        _grammars.Count.ShouldBe(64);

        // Each takes a part of the room that is larger than a 64th.
        for (var i = 0; i < 20; i++)
        {
            Hold(Tool($$$$"""{"type":"object","properties":{"b{{{{i}}}}":{"enum":[{{{{string.Join(',', Enumerable.Range(100_000, 15_000))}}}}]}}}"""));
        }

        _grammars.Count.ShouldBeInRange(1, 16);
    }

    [Fact]
    public void One_project_drops_its_own_and_not_those_of_others()
    {
        Hold("other", Tool("{\"type\":\"object\"}"));
        for (var i = 0; i < 100; i++)
        {
            Hold("one", Tool($$$$"""{"type":"object","properties":{"a{{{{i}}}}":{"type":"integer"}}}"""));
        }

        _grammars.Count.ShouldBe(17);
    }

    /// <summary>Each had a bound of its own: 128 of them could take half an hour.</summary>
    [Fact]
    public void All_tools_of_a_request_share_what_their_schemas_may_cost()
    {
        var branches = string.Join(',', Enumerable.Range(0, 150).Select(i => $"{{\"$ref\":\"#/$defs/large\",\"properties\":{{\"kind\":{{\"const\":{i}}}}}}}"));
        var costly = $"{{\"type\":\"object\",\"oneOf\":[{branches}],\"$defs\":{{\"large\":{{\"type\":\"object\",\"required\":[{string.Join(',', Enumerable.Range(0, 8_000).Select(i => $"\"n{i}\""))},\"kind\"]}}}}}}";
        var cheap = JsonDocument.Parse("""{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""").RootElement;
        var rules = Hold(new ToolFunction("f", JsonDocument.Parse(costly).RootElement, IsStrict: false), new ToolFunction("g", cheap, IsStrict: false), new ToolFunction("h", cheap, IsStrict: true));

        Allows(rules, "{\"name\": \"g\", \"arguments\": {\"b\"").ShouldBeTrue();
        Allows(rules, "{\"name\": \"h\", \"arguments\": {\"b\"").ShouldBeFalse();
        Allows(rules, "{\"name\": \"h\", \"arguments\": {\"a\"").ShouldBeTrue();
    }

    /// <summary>A model whose way to write calls is not known is held to no other's, nor refused for a schema.</summary>
    [Fact]
    public void An_unknown_way_to_write_calls_is_held_to_nothing()
    {
        var rules = AnswerRules.None;
        var use = new ToolUse(new ListValue([])) { Functions = [Tool("{\"type\":\"object\",\"not\":{}}") with { IsStrict = true }], Format = null };
        _grammars.Hold(use, null, "", CancellationToken.None, ref rules).ShouldBeNull();
        (rules.Calls, rules.Grammar).ShouldBe((null, null));
        CallFormats.Find("{{ tools }} ]<]minimax[>[<tool_call> <invoke name=").ShouldBeNull();
    }

    /// <summary>In tags a text has no grammar: what it would need is refused with its place, and never left out.</summary>
    [Theory]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}", "#/properties/p")]
    [InlineData("{\"anyOf\":[{\"type\":\"string\",\"maxLength\":3},{\"type\":\"null\"}]}", "#/properties/p")]
    [InlineData("{\"$ref\":\"#/properties/q\"}", "#/properties/p")]
    [InlineData("{\"type\":\"integer\",\"multipleOf\":3}", "#/properties/p/multipleOf")]
    [InlineData("{\"enum\":[\"a\",1]}", "#/properties/p")]
    [InlineData("{\"type\":\"string\"},\"q\":{}},\"$defs\":{\"x\":{}", "#/$defs")]
    [InlineData("{\"type\":\"string\"}},\"required\":[\"z\"],\"description\":{\"x\":1", "#/required")]
    [InlineData("{\"type\":\"string\"}", null)]
    [InlineData("{\"const\":7}", null)]
    [InlineData("{\"type\":\"string\",\"enum\":[\"a\",\"b\"],\"description\":\"x\"}", null)]
    [InlineData("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}],\"default\":null}", null)]
    [InlineData("{\"type\":\"array\",\"items\":{\"type\":\"string\",\"maxLength\":3}}", null)]
    public void Strict_parameters_in_tags_are_held_to_or_refused_with_their_place(string schema, string? place)
    {
        var rules = AnswerRules.None;
        var tool = Tool($"{{\"type\":\"object\",\"properties\":{{\"p\":{schema}}}}}") with { IsStrict = true };
        var refusal = _grammars.Hold(new ToolUse(new ListValue([])) { Functions = [tool], Format = CallFormats.Qwen3Coder }, null, "", CancellationToken.None, ref rules);
        if (place is null)
        {
            refusal.ShouldBeNull();
            Allows(rules, "\n<function=f>\n<parameter=p>").ShouldBeTrue();
            Allows(rules, "\n<function=f>\n<parameter=zzz>").ShouldBeFalse();
        }
        else
        {
            refusal.ShouldNotBeNull().Body.Message.ShouldContain($"at {place}:");
        }

        // Not strict: as far as can be.
        _grammars.Hold(new ToolUse(new ListValue([])) { Functions = [tool with { IsStrict = false }], Format = CallFormats.Qwen3Coder }, null, "", CancellationToken.None, ref rules).ShouldBeNull();
    }

    [Fact]
    public void A_value_in_tags_is_held_to_its_list()
    {
        var rules = AnswerRules.None;
        var tool = Tool("{\"type\":\"object\",\"properties\":{\"n\":{\"const\":7},\"e\":{\"enum\":[\"x\",\"y\"]}},\"required\":[\"n\",\"e\"]}") with { IsStrict = true };
        _grammars.Hold(new ToolUse(new ListValue([])) { Functions = [tool], Format = CallFormats.Qwen3Coder }, null, "", CancellationToken.None, ref rules).ShouldBeNull();
        const string Begun = "\n<function=f>\n<parameter=n>\n";
        Allows(rules, $"{Begun}7\n</parameter>\n<parameter=e>\ny\n</parameter>\n</function>\n</tool_call>").ShouldBeTrue();
        Allows(rules, $"{Begun}8").ShouldBeFalse();
        Allows(rules, $"{Begun}7\n</parameter>\n<parameter=e>\n\t").ShouldBeFalse();
        Allows(rules, $"{Begun}7\n</parameter>\n</function>").ShouldBeFalse();
    }

    private static bool Allows(AnswerRules rules, string call)
    {
        var constraint = new TokenConstraint(rules.Calls.ShouldNotBeNull().Grammars[0], new VocabularyTrie([.. Enumerable.Range(0, 128).Select(character => new[] { (byte)character })]), _ => false);
        foreach (var character in call)
        {
            if (!constraint.Allows(character))
            {
                return false;
            }

            constraint.Accept(character);
        }

        return true;
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

    private AnswerRules Hold(params ToolFunction[] functions) => Hold("", functions);

    private AnswerRules Hold(string project, params ToolFunction[] functions)
    {
        var rules = AnswerRules.None;
        _grammars.Hold(new ToolUse(new ListValue([])) { Functions = functions }, null, project, CancellationToken.None, ref rules).ShouldBeNull();
        return rules;
    }

    private static ToolFunction Tool(string parameters) => new("f", JsonDocument.Parse(parameters).RootElement, IsStrict: false);
}
