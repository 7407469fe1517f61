namespace AiFactory.Builder.Processes;

/// <summary>What a process of the builder does. A factory has one process with both, or splits them to scale the work apart from the door.</summary>
[Flags]
internal enum BuilderRoles
{
    /// <summary>Serves the API and leads the runs.</summary>
    Orchestrator = 1,

    /// <summary>Does the work: runs steps, takes documents in.</summary>
    Executor = 2,

    All = Orchestrator | Executor,
}
