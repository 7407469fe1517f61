namespace AiFactory.Contracts.Builder.Threads;

public sealed record ThreadDone(ThreadMessageResponse Message);
