namespace AiFactory.ModelLibrary.Deployments.Local;

internal enum Liveness
{
    /// <summary>Heard of lately.</summary>
    Live,

    /// <summary>Not heard of, but the silence may be the library's own: what it serves stays routed, and others may be asked to stand in.</summary>
    Silent,

    /// <summary>It said that it stops.</summary>
    Draining,

    Lost,
}
