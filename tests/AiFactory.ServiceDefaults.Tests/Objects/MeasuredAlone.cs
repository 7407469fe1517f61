namespace AiFactory.ServiceDefaults.Tests.Objects;

/// <summary>The classes that measure the memory of the whole process: nothing else runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}
