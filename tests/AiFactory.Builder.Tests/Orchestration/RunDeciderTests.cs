using AiFactory.Builder.Flows.Graphs;
using AiFactory.Builder.Orchestration;
using AiFactory.Builder.Steps;
using AiFactory.Builder.Steps.Types;
using AiFactory.Builder.Tests.Flows;
using AiFactory.Contracts.Builder.Runs;
using static AiFactory.Builder.Tests.Edges.Graphs;

namespace AiFactory.Builder.Tests.Orchestration;

public sealed class RunDeciderTests
{
    private static readonly RunDecider Decider = new(new StepCatalogue([new InputStep(), new PromptStep(), new ConditionStep(), new TransformStep(), new OutputStep()]));

    [Fact]
    public void A_run_begins_with_what_waits_for_nothing()
    {
        var decision = Decide([]);

        decision.Ready.ShouldBe(["in"]);
        decision.End.ShouldBeNull();
    }

    [Fact]
    public void The_branch_that_was_not_taken_is_skipped_and_where_they_meet_goes_on()
    {
        var taken = Decide([Done("in", "text"), Done("is-question", "true")]);
        var met = Decide([Done("in", "text"), Done("is-question", "true"), Step("no", StepStates.Skipped), Done("yes", "text")]);

        taken.Ready.ShouldBe(["yes"]);
        taken.Skipped.ShouldBe(["no"]);
        met.Ready.ShouldBe(["out"]);
        met.Skipped.ShouldBeEmpty();
    }

    [Fact]
    public void Skipping_goes_all_the_way_in_one_pass_and_the_run_ends()
    {
        var plan = new FlowPlan(Of(
            [Node("in", "input"), Node("c", "condition"), Node("a", "prompt"), Node("b", "transform"), Node("out", "output")],
            "in.text > c.in", "c.true > a.text", "a.text > b.in", "b.text > out.text"));

        var decision = Decider.Decide(plan, cancelRequested: false, [Done("in", "text"), Done("c", "false")]);

        decision.Skipped.ShouldBe(["a", "b", "out"]);
        decision.End.ShouldBe(RunStates.Succeeded);
    }

    [Fact]
    public void A_step_that_needs_both_waits_for_both()
    {
        var plan = new FlowPlan(Of([Node("in", "input"), Node("a", "prompt"), Node("b", "prompt"), Node("out", "output")],
            "in.text > a.text", "in.text > b.text", "a.text > out.text", "b.text > out.text"));

        Decider.Decide(plan, false, [Done("in", "text")]).Ready.ShouldBe(["a", "b"]);
        Decider.Decide(plan, false, [Done("in", "text"), Done("a", "text"), Step("b", StepStates.Running)]).Ready.ShouldBeEmpty();
        Decider.Decide(plan, false, [Done("in", "text"), Done("a", "text"), Done("b", "text")]).Ready.ShouldBe(["out"]);
        Decider.Decide(plan, false, [Done("in", "text"), Done("a", "text"), Done("b", "text"), Done("out", "text")]).End.ShouldBe(RunStates.Succeeded);
    }

    [Fact]
    public void A_step_that_was_given_up_ends_the_run_and_a_wish_to_cancel_comes_first()
    {
        var failed = Step("yes", StepStates.Failed) with { Error = "It rained." };

        var decision = Decide([Done("in", "text"), Done("is-question", "true"), failed]);

        (decision.End, decision.Error).ShouldBe((RunStates.Failed, "'yes' failed: It rained."));
        Decider.Decide(new FlowPlan(GraphValidatorTests.Branches()), cancelRequested: true, [failed]).End.ShouldBe(RunStates.Cancelled);
    }

    private static RunDecision Decide(StepState[] steps) => Decider.Decide(new FlowPlan(GraphValidatorTests.Branches()), cancelRequested: false, steps);

    private static StepState Done(string node, params string[] ports) => Step(node, StepStates.Succeeded) with { Ports = ports };

    private static StepState Step(string node, string state) => new() { RunId = Guid.Empty, Node = node, State = state };
}
