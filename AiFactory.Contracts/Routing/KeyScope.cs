namespace AiFactory.Contracts.Routing;

/// <summary>What an API key may call. A key that has one opens the model routes alone, whatever its roles say of others.</summary>
/// <param name="Models">Patterns of the names that clients send, where <c>*</c> stands for any run of characters: <c>demo-*</c>, <c>flow/*</c>. Empty: all.</param>
/// <param name="Operations">Of <see cref="ModelOperations"/>. Empty: all.</param>
public sealed record KeyScope(IReadOnlyList<string> Models, IReadOnlyList<string> Operations);
