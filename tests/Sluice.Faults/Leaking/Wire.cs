namespace Sluice.Faults.Leaking;

/// <summary>What a connection goes over.</summary>
internal enum Wire
{
    Tcp,
    Unix,
    Tls,
}
