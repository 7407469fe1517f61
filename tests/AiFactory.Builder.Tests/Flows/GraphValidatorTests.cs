using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Steps.Types;
using AiFactory.Builder.Tests.Edges;
using AiFactory.Contracts.Builder.Flows;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Flows;

public sealed class GraphValidatorTests
{
    // Neither type is run here, so neither needs its way out.
    private static readonly GraphValidator Validator = new(new StepCatalogue(
        [new InputStep(), new PromptStep(), new ModelStep(null!, null!), new ConditionStep(), new HttpStep(null!, null!), new TransformStep(), new OutputStep()]));

    [Fact]
    public void A_whole_graph_has_no_problems() => Validator.Validate(Branches()).ShouldBeEmpty();

    [Fact]
    public void A_cycle_names_its_steps_and_not_those_behind_it()
    {
        var graph = Of(
            [Node("in", "input"), Node("a", "prompt"), Node("b", "prompt"), Node("behind", "prompt"), Node("out", "output")],
            "in.text > a.text", "b.text > a.text", "a.text > b.text", "b.text > behind.text", "behind.text > out.text");

        var problem = Validator.Validate(graph).ShouldHaveSingleItem();

        problem.Code.ShouldBe(GraphProblemCodes.Cycle);
        problem.Message.ShouldBe("These steps wait for each other in a circle: 'a', 'b'.");
    }

    [Fact]
    public void An_edge_of_the_wrong_type_says_what_is_given_and_what_is_taken()
    {
        var graph = Of([Node("in", "input"), Node("m", "model", ("model", "demo-chat")), Node("out", "output")], "in.json > m.prompt", "m.text > out.text");

        var problem = Validator.Validate(graph).ShouldHaveSingleItem();

        (problem.Edge, problem.Code).ShouldBe(("in.json > m.prompt", GraphProblemCodes.WrongType));
        problem.Message.ShouldBe("'in' gives json at 'json', but 'm' takes text at 'prompt'.");
    }

    [Theory]
    [InlineData(GraphProblemCodes.NoInput)]
    [InlineData(GraphProblemCodes.NoOutput)]
    public void An_empty_graph_lacks_its_ends(string code) => Validator.Validate(new FlowGraph([], [])).ShouldContain(problem => problem.Code == code);

    [Theory]
    [InlineData("sing", "in.text > x.text", GraphProblemCodes.UnknownStep)]
    [InlineData("prompt", "in.text > x.nothing", GraphProblemCodes.UnknownPort)]
    [InlineData("prompt", "nobody.text > x.text", GraphProblemCodes.UnknownNode)]
    [InlineData("condition", "x.true > out.json", GraphProblemCodes.InputNotConnected)]
    [InlineData("model", "in.text > x.prompt", GraphProblemCodes.SettingMissing)]
    public void What_is_wrong_is_said_by_its_code(string type, string edge, string code) =>
        Validator.Validate(Of([Node("in", "input"), Node("x", type), Node("out", "output")], edge, "in.text > out.text")).ShouldContain(problem => problem.Code == code);

    [Theory]
    [InlineData("template", 5, "'x': 'Template' is a text.")]
    [InlineData("colour", "red", "'x' has no setting 'colour'.")]
    [InlineData("template", "{{nobody}}", "'x' names {{nobody}}, but nothing of that name is connected to it.")]
    public void A_setting_that_cannot_be_is_refused(string name, object value, string message) =>
        Validator.Validate(Around(Node("x", "prompt", (name, value)), "text")).ShouldHaveSingleItem().Message.ShouldBe(message);

    [Theory]
    [InlineData("matches", "(", "no regular expression")]
    [InlineData("<", "many", "compares numbers")]
    [InlineData("rhymes", "x", "is one of")]
    public void A_condition_that_could_not_be_decided_is_refused(string test, string value, string message) =>
        Validator.Validate(Of([Node("in", "input"), Node("c", "condition", ("test", test), ("value", value)), Node("out", "output")], "in.text > c.in", "c.true > out.text"))
            .ShouldHaveSingleItem().Message.ShouldContain(message);

    [Fact]
    public void A_flow_is_no_model_of_a_flow() =>
        Validator.Validate(Around(Node("m", "model", ("model", "flow/self")), "prompt")).ShouldHaveSingleItem().Message.ShouldContain("could call itself without end");

    [Fact]
    public void A_port_takes_one_edge_unless_it_takes_several()
    {
        var graph = Of(
            [Node("in", "input"), Node("p", "prompt"), Node("m", "model", ("model", "x")), Node("out", "output")],
            "in.text > p.text", "in.json > p.text", "in.text > m.prompt", "p.text > m.prompt", "m.text > out.text");

        var problem = Validator.Validate(graph).ShouldHaveSingleItem();

        (problem.Edge, problem.Code).ShouldBe(("p.text > m.prompt", GraphProblemCodes.PortTaken));
    }

    [Fact]
    public void Ids_that_are_used_twice_are_said_before_anything_else() =>
        Validator.Validate(Of([Node("a", "input"), Node("a", "output")], "a.text > a.text")).ShouldHaveSingleItem().Code.ShouldBe(GraphProblemCodes.DuplicateId);

    internal static FlowGraph Branches() => Of(
        [
            Node("in", "input"), Node("is-question", "condition", ("value", "?")), Node("yes", "prompt", ("template", "Question: {{text}}")),
            Node("no", "prompt", ("template", "Statement: {{is-question}}")), Node("out", "output"),
        ],
        "in.text > is-question.in", "is-question.true > yes.text", "is-question.false > no.text", "yes.text > out.text", "no.text > out.text");
}
