namespace AiFactory.Gateway.Limits;

/// <summary>As <see cref="Contracts.LimitScopes"/> has it.</summary>
internal enum LimitScope
{
    Key,
    User,
    Project,
    Factory,
}
