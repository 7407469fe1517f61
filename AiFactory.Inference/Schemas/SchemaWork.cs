namespace AiFactory.Inference.Schemas;

/// <summary>What reading the schemas of a request may cost, counted in conditions, names and values that are looked at: references and alternatives let a small schema say a great deal, again and again.</summary>
internal sealed class SchemaWork(CancellationToken cancellationToken)
{
    /// <summary>A second or two.</summary>
    private const long Most = 4_000_000;

    private const int StepsBetweenLooks = 10_000;

    private long _steps;
    private long _looked;

    /// <param name="path">Where the schema asks for it, as a JSON pointer.</param>
    /// <exception cref="SchemaException">It is too much.</exception>
    /// <exception cref="OperationCanceledException"/>
    public void Spend(long steps, string path)
    {
        _steps += steps;
        if (_steps > Most)
        {
            throw new SchemaException(path, "the schema takes too long to read, which ended here. Use fewer alternatives with many members or values each, and fewer references to large schemas");
        }

        if (_steps - _looked > StepsBetweenLooks)
        {
            _looked = _steps;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
