namespace MeliProxy.ControlBench.Commands;

/// <summary>A way that a command takes to the sidecars.</summary>
public interface ICommandWay
{
    /// <summary>What it is called.</summary>
    string Name { get; }

    /// <summary>Puts a rule, and waits for the answer.</summary>
    /// <param name="name">The rule's name.</param>
    /// <param name="rule">The rule as JSON.</param>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    Task PutRuleAsync(string name, string rule);
}
