namespace Sluice.Stress.Kit;

/// <summary>What a connection goes over.</summary>
internal enum Wire
{
    Tcp,
    Unix,
    Tls,
    Memory,
}
