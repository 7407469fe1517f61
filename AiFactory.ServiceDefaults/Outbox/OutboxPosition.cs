namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>How far an outbox has been read: all before this byte of this segment.</summary>
public readonly record struct OutboxPosition(long Segment, int Offset);
