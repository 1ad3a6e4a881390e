/* suites.h: the tests that the plug-in convnet-test runs in GIMP, by suite.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* Each adds its tests with g_test_add_func() and the like. */
void add_pixels_tests (void);
void add_alpha_tests (void);
void add_arguments_tests (void);
void add_output_tests (void);
void add_drawables_tests (void);
void add_undo_tests (void);
void add_effect_tests (void);
void add_errors_tests (void);
void add_apply_tests (void);
void add_feature_maps_tests (void);
void add_classify_tests (void);
void add_classify_errors_tests (void);
void add_kernels_tests (void);
void add_kernel_layer_tests (void);
void add_kernel_errors_tests (void);
void add_pool_tests (void);
void add_upscale_tests (void);
void add_resize_tests (void);
void add_scale_image_tests (void);
void add_resize_errors_tests (void);
