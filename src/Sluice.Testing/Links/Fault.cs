namespace Sluice.Testing.Links;

/// <summary>A fault that lasts until it is disposed of.</summary>
internal sealed class Fault(Action end) : IDisposable
{
    private Action? _end = end;

    public void Dispose()
    {
        Action? end = _end;
        _end = null;
        end?.Invoke();
    }
}
