using AiFactory.ServiceDefaults.Guardrails;

namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>
/// What it may cost to hold one answer, all of its texts, to all of its schemas: a schema whose branches refer to one another can ask for more than its size shows. A step is a look at some 64 bytes,
/// a tenth of a microsecond or so; the longer the texts, the more there may be.
/// </summary>
/// <param name="left">Whoever asks has left.</param>
public sealed class SchemaWork(CancellationToken left)
{
    private const long LeastSteps = 200_000;
    private const int StepsOfByte = 4;
    private const long LeastPatternSteps = 5_000_000;
    private const int PatternStepsOfByte = 64;

    /// <summary>Steps between two looks at whether it should go on.</summary>
    private const int BetweenLooks = 4096;

    private long _bytes;
    private long _steps;
    private long _looked = -BetweenLooks;
    private long _patternSteps;

    internal void Grow(int bytes) => _bytes += bytes;

    /// <exception cref="TimeoutException">It is too much.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it.</exception>
    internal void Spend(long steps = 1)
    {
        _steps += steps;
        if (_steps - _looked >= BetweenLooks)
        {
            _looked = _steps;
            Require(_steps <= LeastSteps + (_bytes * StepsOfByte));
        }
    }

    /// <exception cref="TimeoutException">It is too much.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits for it.</exception>
    internal bool Has(ReadOnlySpan<char> text, RulePattern pattern)
    {
        var has = pattern.IsIn(text, ref _patternSteps);
        Require(_patternSteps <= LeastPatternSteps + (_bytes * PatternStepsOfByte));
        return has;
    }

    private void Require(bool isLittle)
    {
        left.ThrowIfCancellationRequested();
        if (!isLittle)
        {
            throw new TimeoutException("The schemas ask for more than one answer is looked at.");
        }
    }
}
