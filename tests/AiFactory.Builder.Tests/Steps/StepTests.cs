using System.Text.Json;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Steps.Types;
using AiFactory.Builder.Templates;

namespace AiFactory.Builder.Tests.Steps;

public sealed class StepTests
{
    [Theory]
    [InlineData("pick", "path", "items[1].name", """{"items":[{"name":"a"},{"name":"b"}]}""", "b")]
    [InlineData("pick", "path", "$.n", """{"n":7}""", "7")]
    [InlineData("parse JSON", "path", "", """[1,2]""", "[1,2]")]
    [InlineData("split", "separator", ",", "a,b", """["a","b"]""")]
    [InlineData("split", "separator", " ", "a b", """["a","b"]""")]
    [InlineData("upper", "path", "", "é1", "É1")]
    [InlineData("trim", "path", "", "  a ", "a")]
    [InlineData("replace", "find", "a", "banana", "bnn")]
    [InlineData("template", "template", "<{{text}}|{{before}}>", "x", "<x|x>")]
    public async Task A_transform_gives_the_same_as_text_and_as_json(string operation, string setting, string value, string input, string expected)
    {
        var outcome = await RunAsync(new TransformStep(), [("in", Text(input))], ("operation", operation), (setting, value));

        var done = outcome.ShouldBeOfType<StepOutcome.Done>();
        done.Outputs["text"].GetString().ShouldBe(expected);
    }

    [Fact]
    public async Task Joining_takes_the_items_of_arrays_and_what_stands_beside_them()
    {
        var outcome = await RunAsync(new TransformStep(), [("in", Json("""["a","b"]""")), ("in", Text("c"))], ("operation", "join"), ("separator", "-"));

        outcome.ShouldBeOfType<StepOutcome.Done>().Outputs["text"].GetString().ShouldBe("a-b-c");
    }

    [Theory]
    [InlineData("pick", "not json")]
    [InlineData("parse JSON", "{")]
    public async Task What_is_no_json_is_a_failure_that_does_not_pass(string operation, string input)
    {
        var outcome = await RunAsync(new TransformStep(), [("in", Text(input))], ("operation", operation), ("path", "a"));

        outcome.ShouldBeOfType<StepOutcome.Failed>().IsTransient.ShouldBeFalse();
    }

    [Theory]
    [InlineData("contains", "B", "abc", "true")]
    [InlineData("equals", "abc ", "ABC", "true")]
    [InlineData("matches", "^a.c$", "abd", "false")]
    [InlineData("is empty", "", "  ", "true")]
    [InlineData(">", "9", "10", "true")]
    [InlineData("<=", "9.5", "9.5", "true")]
    [InlineData("=", "1", "one", "false")]
    public async Task A_condition_gives_its_input_at_the_one_port(string test, string value, string input, string port)
    {
        var outcome = await RunAsync(new ConditionStep(), [("in", Text(input))], ("test", test), ("value", value));

        var (name, given) = outcome.ShouldBeOfType<StepOutcome.Done>().Outputs.ShouldHaveSingleItem();
        (name, given.GetString()).ShouldBe((port, input));
    }

    [Theory]
    [InlineData("replace", "find", "replacement")]
    [InlineData("join", "path", "separator")]
    [InlineData("template", "path", "template")]
    public async Task A_text_that_would_not_be_kept_is_not_made(string operation, string first, string second)
    {
        var input = operation == "join" ? JsonSerializer.SerializeToElement(new string[1000]) : Text(new string('a', 4000));
        var value = operation == "template" ? string.Concat(Enumerable.Repeat("{{text}}", 1000)) : new string('b', 4000);

        await Should.ThrowAsync<OversizeException>(async () => await RunAsync(new TransformStep(), [("in", input)], ("operation", operation), (first, "a"), (second, value)));
    }

    [Fact]
    public async Task A_list_of_passages_is_numbered_lines_in_a_template()
    {
        var passages = Json("""[{"documentName":"a.md","text":"One\nline."},{"documentName":"b.md","text":"Two."}]""");

        var outcome = await RunAsync(new PromptStep(), [("text", passages)], ("template", "From:\n{{text}}"));

        outcome.ShouldBeOfType<StepOutcome.Done>().Outputs["text"].GetString().ShouldBe("From:\n[1] One line.\n[2] Two.");
    }

    [Theory]
    [InlineData("items[0].name", true)]
    [InlineData("[0]", true)]
    [InlineData("", false)]
    [InlineData("a..b", false)]
    [InlineData("a[b]", false)]
    public void A_path_is_names_and_indexes(string path, bool isPath) => JsonPath.TryParse(path, out _).ShouldBe(isPath);

    private static Task<StepOutcome> RunAsync(IStepType type, (string Port, JsonElement Value)[] inputs, params (string Name, string Value)[] settings) =>
        type.RunAsync(
            new StepContext
            {
                RunId = Guid.Empty,
                Project = "default",
                Node = "x",
                Settings = new StepSettings(type.Description, settings.ToDictionary(setting => setting.Name, setting => Text(setting.Value))),
                Inputs = new StepInputs([.. inputs.Select(input => new StepValue(input.Port, "before", input.Value))]),
                ReadRunInputAsync = _ => Task.FromResult(Json("{}")),
                Children = null!, // none of these steps begins runs
            },
            TestContext.Current.CancellationToken);

    private static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    private static JsonElement Json(string text) => JsonSerializer.Deserialize<JsonElement>(text);
}
