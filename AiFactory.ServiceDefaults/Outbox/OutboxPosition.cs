namespace AiFactory.ServiceDefaults.Outbox;

/// <summary>How far an outbox has been read: all before this byte of this segment.</summary>
public readonly record struct OutboxPosition(long Segment, int Offset)
{
    /// <summary>Whether what ends there has been read too.</summary>
    public bool Reaches(OutboxPosition end) => Segment > end.Segment || (Segment == end.Segment && Offset >= end.Offset);
}
