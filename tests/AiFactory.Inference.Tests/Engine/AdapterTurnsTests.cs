using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Engine.Prefixes;
using AiFactory.Inference.Native;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Inference.Tests.Engine;

public sealed class AdapterTurnsTests : IDisposable
{
    private readonly LlamaModel _model;
    private readonly LlamaBatchBuffer _batch = new(64);
    private readonly EngineAdapter _one = Adapter("one", 1);
    private readonly EngineAdapter _two = Adapter("two", 2);

    public AdapterTurnsTests(GeneratedModels models)
    {
        LlamaRuntime.Load(NullLogger.Instance);
        _model = LlamaModel.Open(models.Endless);
    }

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Answers_have_turns_of_so_many_steps_in_order()
    {
        var turns = new AdapterTurns(3);
        var active = new List<Sequence> { Answering(null), Answering(_one), Answering(_one), Answering(_two) };
        Names(turns, active, 12).ShouldBe("model model model one one one two two two model model model");
    }

    [Fact]
    public void One_adapter_alone_is_never_changed()
    {
        var turns = new AdapterTurns(1);
        Names(turns, [Answering(_one), Answering(_one)], 4).ShouldBe("one one one one");
    }

    [Fact]
    public void A_prompt_has_one_step_while_others_wait_and_all_while_nobody_does()
    {
        var turns = new AdapterTurns(3);
        var prompt = Reading(_one);
        Names(turns, [prompt], 2).ShouldBe("one one");
        Names(turns, [prompt, Answering(null)], 8).ShouldBe("model model model one model model model one");
    }

    [Fact]
    public void A_turn_that_has_nobody_left_ends_at_once()
    {
        var turns = new AdapterTurns(100);
        var active = new List<Sequence> { Answering(null), Answering(_one) };
        Names(turns, active, 2).ShouldBe("model model");
        active.RemoveAt(0);
        Names(turns, active, 1).ShouldBe("one");
    }

    [Fact]
    public void Those_that_only_wait_for_a_prompt_to_be_computed_have_no_turn()
    {
        var turns = new AdapterTurns(1);
        var waiting = Seated(_two);
        Names(turns, [Answering(null), waiting, Answering(_one)], 4).ShouldBe("model one model one");
    }

    [Fact]
    public void Whoever_comes_and_goes_nobody_waits_for_more_than_a_turn_of_each_other()
    {
        const int Steps = 4;
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var turns = new AdapterTurns(Steps);
            EngineAdapter?[] adapters = [null, .. Enumerable.Range(1, 5).Select(number => Adapter($"{number}", number))];
            var active = new List<Sequence>();
            var waits = new Dictionary<Sequence, int>();
            var computed = new Dictionary<string, int>();
            for (var step = 0; step < 400; step++)
            {
                while (active.Count < 2 || (active.Count < 12 && random.Next(3) == 0))
                {
                    // Most are of the first: the others must get their turns all the same.
                    var adapter = adapters[random.Next(3) > 0 ? 0 : random.Next(adapters.Length)];
                    active.Add(random.Next(3) == 0 ? Reading(adapter) : Answering(adapter));
                }

                var next = turns.Next(active);
                active.ShouldContain(sequence => sequence.Adapter == next, $"seed {seed}: a step of nobody");
                foreach (var sequence in active)
                {
                    waits[sequence] = sequence.Adapter == next ? 0 : waits.GetValueOrDefault(sequence) + 1;
                    waits[sequence].ShouldBeLessThanOrEqualTo(Steps * (adapters.Length - 1), $"seed {seed}, step {step}");
                }

                computed[next?.Name ?? ""] = computed.GetValueOrDefault(next?.Name ?? "") + 1;
                active.RemoveAll(sequence => random.Next(sequence.Adapter is null ? 60 : 10) == 0);
            }

            computed.Count.ShouldBeGreaterThan(2);
        }
    }

    private static string Names(AdapterTurns turns, List<Sequence> active, int steps) =>
        string.Join(' ', Enumerable.Range(0, steps).Select(_ => turns.Next(active)?.Name ?? "model"));

    // It is only told apart from others: nothing is computed.
    private static EngineAdapter Adapter(string name, long number) => new(name, number, null!);

    private Sequence Seated(EngineAdapter? adapter)
    {
        var generation = new Generation(new GenerationRequest([10, 11], 8, EngineHarness.Greedy, []), TimeProvider.System, () => { }) { Estimate = 1, Adapter = adapter };
        var sequence = new Sequence(_model, generation) { Number = 0 };
        sequence.Seat(new SlotTokens(0));
        return sequence;
    }

    private Sequence Reading(EngineAdapter? adapter)
    {
        var sequence = Seated(adapter);
        sequence.Begin();
        return sequence;
    }

    private Sequence Answering(EngineAdapter? adapter)
    {
        var sequence = Reading(adapter);
        _batch.Clear();
        sequence.AddTo(_batch, sequence.PromptRemaining);
        return sequence;
    }
}
