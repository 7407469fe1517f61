namespace AiFactory.Hosting.Orchestration;

/// <summary>The value is the signal's POSIX number.</summary>
internal enum StopSignal
{
    Interrupt = 2,
    Terminate = 15,
}
