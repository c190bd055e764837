"""The dashboard ``zs.WhatIf``: state, runs and pictures, and one view of them in widgets."""
