namespace AiFactory.Inference.Templates.Values;

/// <summary>What an expression gives. A closed family; all of it is immutable but <see cref="NamespaceValue"/>.</summary>
internal abstract class TemplateValue
{
    /// <summary>Python's name of the type, for messages.</summary>
    public abstract string TypeName { get; }

    public abstract bool IsTruthy { get; }

    /// <summary>Containers within this one; 0 for what is no container. Kept small, so that no walk over a value exhausts the stack.</summary>
    public virtual int Depth => 0;
}
