namespace AiFactory.ServiceDefaults.Loops;

/// <summary>The work was taken over by someone else; what is left of it here is dropped.</summary>
public sealed class LeaseLostException() : IOException("The lease on this work was lost: someone else goes on with it.");
