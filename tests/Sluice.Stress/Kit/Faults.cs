using System.Collections.Concurrent;

namespace Sluice.Stress.Kit;

/// <summary>What went wrong. Each kind of fault is kept once, with how often it occurred.</summary>
internal sealed class Faults
{
    private const int MaxKinds = 10;

    private readonly ConcurrentDictionary<string, int> _faults = new();

    public bool IsEmpty => _faults.IsEmpty;

    public void Add(string fault)
    {
        if (_faults.Count < MaxKinds || _faults.ContainsKey(fault))
        {
            _faults.AddOrUpdate(fault, 1, (_, count) => count + 1);
        }
    }

    public override string ToString() => string.Join("\n", _faults.Select(fault => $"  {fault.Value} x {fault.Key.ReplaceLineEndings("\n      ")}"));
}
