namespace AiFactory.Gateway.Limits;

/// <summary>What a gateway asks for.</summary>
/// <param name="Promised">What is used, or reserved by requests under way.</param>
/// <param name="Keep">What it needs beyond that: for those that wait, or as much as it has.</param>
/// <param name="Share">Whether it would have a part of what nobody has on top.</param>
/// <param name="Answer">Whether it has given back what it does not need.</param>
/// <param name="Asked">Whether the others were asked for those that wait already.</param>
internal readonly record struct LeaseWish(long Promised, long Keep, bool Share = false, bool Answer = false, bool Asked = false);
