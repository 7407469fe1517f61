namespace AiFactory.Inference.Engine.Adapters;

/// <summary>
/// Whose step it is. A step computes one adapter, or none: llama.cpp has one for a whole batch. Sequences of one adapter have so many steps, then those come that were not computed for the longest time: each answer
/// is written as quickly as any other, whatever its adapter, and nobody waits for more than one turn of each other adapter. Only the engine's thread touches it.
/// </summary>
/// <param name="steps">Of one turn. A step that read a prompt, which takes longer, ends it where another adapter's sequences wait.</param>
internal sealed class AdapterTurns(int steps)
{
    private EngineAdapter? _current;
    private long _step;
    private int _taken;

    /// <param name="active">At least one has begun.</param>
    /// <returns>The adapter of the next step; null for the model alone.</returns>
    public EngineAdapter? Next(List<Sequence> active)
    {
        _step++;
        Sequence? longest = null;
        var (hasCurrent, isReading) = (false, false);
        foreach (var sequence in active)
        {
            sequence.LastStep ??= _step;
            if (sequence.HasBegun)
            {
                var isCurrent = sequence.Adapter == _current;
                hasCurrent |= isCurrent;
                isReading |= isCurrent && sequence.IsPrefilling;
                longest = !isCurrent && (longest is null || sequence.LastStep < longest.LastStep) ? sequence : longest;
            }
        }

        if (longest is not null && (!hasCurrent || _taken >= steps))
        {
            (_current, _taken) = (longest.Adapter, 0);
            isReading = active.Exists(sequence => sequence.HasBegun && sequence.Adapter == _current && sequence.IsPrefilling);
        }

        _taken = isReading ? steps : _taken + 1;
        foreach (var sequence in active)
        {
            sequence.LastStep = sequence.Adapter == _current ? _step : sequence.LastStep;
        }

        return _current;
    }
}
