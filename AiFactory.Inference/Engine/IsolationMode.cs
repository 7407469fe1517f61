namespace AiFactory.Inference.Engine;

/// <summary>What an abort in native code takes with it.</summary>
internal enum IsolationMode
{
    /// <summary>All engines are in the worker's own process: the worker.</summary>
    None,

    /// <summary>Each model has a process of its own: that model, until it is started again.</summary>
    Process,
}
