namespace AiFactory.ServiceDefaults.Schemas;

/// <summary>What one look at one value may cost: a schema whose branches refer to one another can ask for more than its size shows.</summary>
internal sealed class SchemaRun
{
    /// <summary>Some tenths of a second.</summary>
    private const long MostSteps = 1_000_000;

    private const int Deepest = 512;

    private long _steps;
    private long _patternSteps;
    private int _depth;

    /// <summary>Of all patterns together.</summary>
    public ref long PatternSteps => ref _patternSteps;

    /// <exception cref="TimeoutException">It is too much.</exception>
    public void Spend(int steps = 1)
    {
        _steps += steps;
        if (_steps > MostSteps)
        {
            throw new TimeoutException("The schema asks for more than one value is looked at.");
        }
    }

    /// <exception cref="TimeoutException">It is too deep.</exception>
    public void Enter()
    {
        if (++_depth > Deepest)
        {
            throw new TimeoutException("The schema asks for more than one value is looked at.");
        }
    }

    public void Leave() => _depth--;
}
