using Sluice.Stress.Kit;

namespace Sluice.Stress;

/// <summary>Things that happen at once, again and again.</summary>
internal abstract class Race
{
    public string Name => GetType().Name.Replace("Race", "", StringComparison.Ordinal);

    /// <summary>What its connections go over.</summary>
    public virtual IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix, Wire.Tls, Wire.Memory];

    /// <summary>When a loop is taken from a handler.</summary>
    public virtual TimeSpan HandoffAfter => TimeSpan.FromMilliseconds(2);

    /// <summary>Runs it once, in a world that is used for many rounds. Leaves nothing open.</summary>
    public abstract Task RunAsync(Round round);
}
